// SPDX-License-Identifier: MIT
#include "writing/writer/write_song.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "writing/tokens/voices_song.h"
#include "writing/writer/accompaniment_constraint.h"
#include "writing/writer/bass_leading.h"
#include "writing/writer/recall.h"
#include "writing/writer/symbol_frames.h"

namespace pop2piano {
namespace {

/// One song on its way.
struct Work {
  Work(const WriterSong& from, int segment_beats)
      : song(from), recall(from), starts(segment_starts(from, segment_beats)) {}

  [[nodiscard]] SymbolPlace place(std::size_t segment, const FeatureSettings& settings) const {
    const int first = starts[segment];
    SymbolPlace place{.first_beat = first};
    const int from = song.returns.empty() ? -1 : song.returns[static_cast<std::size_t>(std::max(0, first))];
    if (from >= 0) {
      place.recalled_beat = from;
      place.recalls = true;
    } else if (const std::optional<int> beat = recall.like(first, settings.recalled_beats)) {
      place.recalled_beat = *beat;
      place.recalls = true;
    }
    return place;
  }
  [[nodiscard]] int style(std::size_t segment, int otherwise) const {
    return song.styles.empty() ? otherwise : song.styles[static_cast<std::size_t>(std::max(0, starts[segment]))];
  }
  [[nodiscard]] int end_step(std::size_t segment) const {
    return (segment + 1 < starts.size() ? starts[segment + 1] : song.beats()) * kStepsPerBeat;
  }
  [[nodiscard]] bool is_written(std::size_t segment) const {
    for (int step = starts[segment] * kStepsPerBeat; step < end_step(segment); step += kStepsPerBeat) {
      if (song.is_written(step)) return true;
    }
    return false;
  }
  /// The notes of a segment that are its own, with those that stay.
  void take(std::size_t segment, const std::vector<Note>& notes) {
    const int start = starts[segment] * kStepsPerBeat, end = end_step(segment);
    std::vector<Note> own;
    for (const Note& note : notes) {
      if (note.onset >= 0 && note.onset < end && song.is_written(note.onset)) own.push_back(note);
    }
    for (const Note& note : song.kept) {
      if (note.onset >= start && note.onset < end && !song.is_written(note.onset)) own.push_back(note);
    }
    if (!song.kept.empty()) sort_notes(own);
    text.insert(text.end(), own.begin(), own.end());
  }
  /// After the arrangement of the bass: what stays stays as it was.
  void put_back() {
    if (song.again.empty()) return;
    std::erase_if(text, [&](const Note& note) { return !song.is_written(note.onset); });
    std::copy_if(song.kept.begin(), song.kept.end(), std::back_inserter(text),
                 [&](const Note& note) { return !song.is_written(note.onset); });
    sort_notes(text);
  }

  const WriterSong& song;
  Recall recall;
  std::vector<int> starts;
  std::vector<Note> text;
};

struct Means {
  const Model& model;
  const VoicesCodec& codec;
  const WriterOptions& options;
  ThreadPool& pool;
  const Monitor& monitor;
};

// That segment of songs in which it has one style.
void write_segment(const Means& means, std::size_t segment, int style, const std::vector<Work*>& rows) {
  const FeatureSettings& settings = means.model.config().features;
  const auto first_step = [&](std::size_t row) { return rows[row]->starts[segment] * kStepsPerBeat; };
  GenerateRequest request;
  request.style = style;
  request.features.segments = rows.size();
  request.features.frames = static_cast<std::size_t>(means.model.config().frame_count());
  request.features.read = [&](std::size_t row, std::span<float> frames) {
    const Work& work = *rows[row];
    fill_symbol_frames(work.song, work.text, work.place(segment, settings), settings, frames);
  };
  request.constraint = [&](std::size_t row) {
    return std::make_unique<AccompanimentConstraint>(means.codec.vocabulary(), rows[row]->song, rows[row]->text,
                                                     first_step(row), means.options.bass_weight,
                                                     means.options.return_weight, means.options.tones);
  };
  const Monitor part{.progress = [](std::string_view, double) {}, .cancel = means.monitor.cancel};
  const auto written = generate(means.model, request, means.options.search, means.pool, part);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    rows[row]->take(segment, means.codec.decode(written[row].tokens, first_step(row)));
  }
}

}  // namespace

std::vector<std::vector<Note>> write_songs(const Model& model, std::span<const WriterSong> songs,
                                           const WriterOptions& options, ThreadPool& pool, const Monitor& monitor) {
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
    std::map<int, std::vector<Work*>> by_style;  // a request has one
    for (Work& work : works) {
      if (segment < work.starts.size() && !work.is_written(segment))
        work.take(segment, {});
      else if (segment < work.starts.size())
        by_style[work.style(segment, options.style)].push_back(&work);
    }
    for (const auto& [style, rows] : by_style) {
      write_segment({.model = model, .codec = codec, .options = options, .pool = pool, .monitor = monitor}, segment,
                    style, rows);
    }
    monitor.report("accompany", static_cast<double>(segment + 1) / static_cast<double>(most));
  }
  std::vector<std::vector<Note>> texts;
  texts.reserve(works.size());
  for (Work& work : works) {
    lead_bass(work.song, work.text);
    work.put_back();
    texts.push_back(std::move(work.text));
  }
  return texts;
}

}  // namespace pop2piano
