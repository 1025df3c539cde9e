// SPDX-License-Identifier: MIT
#include "writing/writer/write_song.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "writing/tokens/voices_song.h"
#include "writing/writer/recall.h"
#include "writing/writer/symbol_frames.h"

namespace pop2piano {
namespace {

class AccompanimentConstraint final : public TokenConstraint {
 public:
  AccompanimentConstraint(const VoicesVocabulary& vocabulary, const WriterSong& song, int first_step)
      : vocabulary_(&vocabulary), grammar_(vocabulary) {
    for (const Note& note : song.tune) {
      const int step = note.onset - first_step;
      if (step >= 0 && step < vocabulary.segment_steps()) struck_.emplace_back(step, note.pitch);
    }
    std::sort(struck_.begin(), struck_.end());
  }

  void allowed(std::span<std::uint8_t> allowed) const override {
    grammar_.allowed(allowed);
    const VoicesVocabulary& v = *vocabulary_;
    const auto forbid = [&](int first, int end) {
      for (int id = first; id < end; ++id) allowed[static_cast<std::size_t>(id)] = 0;
    };
    forbid(v.first_melody, v.first_accompaniment);
    const int position = grammar_.pitch_position();
    if (position < 0) return;
    const auto [from, to] = std::equal_range(struck_.begin(), struck_.end(), std::pair(position, 0),
                                             [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto it = from; it != to; ++it) {
      if (it->second < v.lowest_pitch || it->second > v.highest_pitch) continue;
      const int id = v.first_accompaniment + it->second - v.lowest_pitch;
      forbid(id, id + 1);
    }
  }
  void accept(int token) override { grammar_.accept(token); }
  [[nodiscard]] std::unique_ptr<TokenConstraint> clone() const override {
    return std::make_unique<AccompanimentConstraint>(*this);
  }

 private:
  const VoicesVocabulary* vocabulary_;
  VoicesGrammar grammar_;
  std::vector<std::pair<int, int>> struck_;  // step of the segment, pitch: onsets of the tune, ordered
};

/// One song on its way.
struct Work {
  Work(const WriterSong& from, int segment_beats)
      : song(from), recall(from), starts(segment_starts(from, segment_beats)) {}

  [[nodiscard]] SymbolPlace place(std::size_t segment, const FeatureSettings& settings) const {
    const int first = starts[segment];
    SymbolPlace place{.first_beat = first};
    if (const std::optional<int> beat = recall.like(first, settings.recalled_beats)) {
      place.recalled_beat = *beat;
      place.recalls = true;
    }
    return place;
  }
  /// The notes of a segment that are its own.
  void take(std::size_t segment, std::vector<Note> notes) {
    const int end = (segment + 1 < starts.size() ? starts[segment + 1] : song.beats()) * kStepsPerBeat;
    for (const Note& note : notes) {
      if (note.onset >= 0 && note.onset < end) text.push_back(note);
    }
  }

  const WriterSong& song;
  Recall recall;
  std::vector<int> starts;
  std::vector<Note> text;
};

}  // namespace

std::unique_ptr<TokenConstraint> accompaniment_constraint(const VoicesVocabulary& vocabulary, const WriterSong& song,
                                                          int first_step) {
  return std::make_unique<AccompanimentConstraint>(vocabulary, song, first_step);
}

std::vector<std::vector<Note>> write_songs(const Model& model, std::span<const WriterSong> songs, int style,
                                           const GenerateOptions& options, ThreadPool& pool, const Monitor& monitor) {
  const FeatureSettings& settings = model.config().features;
  check_symbol_layout(settings, model.description().path.string());
  const VoicesCodec codec(vocabulary_of(model.config().tokens));
  std::vector<Work> works;
  std::size_t most = 0;
  for (const WriterSong& song : songs) {
    song.validate();
    works.emplace_back(song, settings.segment_beats);
    most = std::max(most, works.back().starts.size());
  }
  for (std::size_t segment = 0; segment < most; ++segment) {
    monitor.check();
    std::vector<Work*> rows;
    for (Work& work : works) {
      if (segment < work.starts.size()) rows.push_back(&work);
    }
    const auto first_step = [&](std::size_t row) { return rows[row]->starts[segment] * kStepsPerBeat; };
    GenerateRequest request;
    request.style = style;
    request.features.segments = rows.size();
    request.features.frames = static_cast<std::size_t>(model.config().frame_count());
    request.features.read = [&](std::size_t row, std::span<float> frames) {
      const Work& work = *rows[row];
      fill_symbol_frames(work.song, work.text, work.place(segment, settings), settings, frames);
    };
    request.constraint = [&](std::size_t row) {
      return accompaniment_constraint(codec.vocabulary(), rows[row]->song, first_step(row));
    };
    const Monitor part{.progress = [](std::string_view, double) {}, .cancel = monitor.cancel};
    const auto written = generate(model, request, options, pool, part);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      rows[row]->take(segment, codec.decode(written[row].tokens, first_step(row)));
    }
    monitor.report("write", static_cast<double>(segment + 1) / static_cast<double>(most));
  }
  std::vector<std::vector<Note>> texts;
  for (Work& work : works) texts.push_back(std::move(work.text));
  return texts;
}

}  // namespace pop2piano
