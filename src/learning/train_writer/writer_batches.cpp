// SPDX-License-Identifier: MIT
#include "learning/train_writer/writer_batches.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>

#include "learning/dataset/record_set.h"

namespace pop2piano::training {
namespace {

constexpr std::uint64_t kFixedStream = 2;
constexpr int kLowestTransposition = -5, kTranspositions = 12;
constexpr double kOnBarLine = 0.9;       // of the segments; the others begin on any beat
constexpr double kTextureShare = 0.6;    // of the examples are told density, as many fullness
constexpr double kThinnedPast = 0.2;     // of the examples miss some notes of what was written
constexpr double kThinnedNotes = 0.15;   // of their notes
constexpr double kNothingWritten = 0.1;  // of the examples begin a song, as it were
constexpr double kNothingRecalled = 0.3;

std::size_t index_of(int value) { return static_cast<std::size_t>(value); }

int style_of(const SongDescription& description, const std::vector<std::string>& styles) {
  const auto found = std::find(styles.begin(), styles.end(), description.style);
  return found == styles.end() ? 0 : static_cast<int>(found - styles.begin());
}

}  // namespace

WriterSong writer_song_of(const SongView& view) {
  const SongDescription& d = view.description;
  WriterSong song;
  song.beat_numbers = d.beat_numbers;
  song.beats_per_bar = d.beats_per_bar;
  const TensorView* chords = view.record.find(kChordTensor);
  if (chords == nullptr || chords->shape != std::vector<std::uint64_t>{d.beat_numbers.size(), 3}) {
    throw Error(ErrorCode::malformed, d.song + ": expected a chord for each of its " +
                                          std::to_string(d.beat_numbers.size()) + " beats; make the records anew");
  }
  const auto values = chords->as<std::int32_t>(ElementType::i32);
  for (std::size_t b = 0; b < d.beat_numbers.size(); ++b) {
    BeatChord chord{.kind = BeatChord::Kind::none};
    if (values[3 * b] >= 0) {
      chord = {.kind = BeatChord::Kind::chord,
               .root = values[3 * b],
               .bass = values[3 * b + 2],
               .pitch_classes = static_cast<std::uint16_t>(values[3 * b + 1])};
    }
    song.chords.push_back(chord);
  }
  for (const RecordNote& note : d.notes) {
    if (note.voice != 0) continue;
    song.melody.push_back({.onset = note.onset,
                           .duration = note.duration,
                           .pitch = static_cast<std::int16_t>(note.pitch),
                           .voice = Voice::melody});
  }
  song.validate();
  return song;
}

std::vector<Note> accompaniment_of(const SongDescription& description) {
  std::vector<Note> notes;
  for (const RecordNote& note : description.notes) {
    if (note.voice == 0) continue;
    notes.push_back({.onset = note.onset, .duration = note.duration, .pitch = static_cast<std::int16_t>(note.pitch)});
  }
  std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) { return a.onset < b.onset; });
  return notes;
}

WriterBatches::WriterBatches(const TrainConfig& config, const ModelConfig& model, Split split, Share share,
                             at::ScalarType type)
    : SegmentBatches(config, model, share, type), styles_(model.styles) {
  check_symbol_layout(model.features, "config.json");
  if (config.records.empty()) throw Error(ErrorCode::invalid_argument, "data.records: no record file or folder named");
  for (const auto& source : config.records) {
    const std::filesystem::path path = source.path;
    const RecordSet set = RecordSet::open({&path, 1});
    problems_.insert(problems_.end(), set.problems().begin(), set.problems().end());
    for (std::size_t i = 0; i < set.size(); ++i) {
      const SongView view = set.song(i);
      const bool full = config.most_songs > 0 && songs_.size() >= static_cast<std::size_t>(config.most_songs);
      if (split_of(view.description, config) == split && !full) add(view, source.weight);
    }
  }
  if (songs_.empty() && split != Split::validation) {
    throw Error(ErrorCode::nothing_found,
                config.records.front().path +
                    ": no song with chords, a melody and an accompaniment in the records named "
                    "by data.records");
  }
}

void WriterBatches::add(const SongView& view, double weight) {
  Song song;
  song.name = view.description.song + "#" + std::to_string(view.description.variant);
  try {
    song.heard = writer_song_of(view);
  } catch (const Error& error) {
    problems_.emplace_back(std::string(error.what()) + "; left out");
    return;
  }
  song.text = accompaniment_of(view.description);
  if (song.text.empty() || weight <= 0.0) return;
  const int last = song.text.back().onset / kStepsPerBeat;
  if (const int upbeat = 1 - song.heard.beat_numbers.front(); upbeat < 0) song.starts.push_back(upbeat);
  for (int b = 0; b < song.heard.beats(); ++b) {
    if (song.heard.beat_numbers[index_of(b)] == 1 && b <= last) song.starts.push_back(b);
  }
  if (song.starts.empty()) return;
  song.style = style_of(view.description, styles_);
  song.recall = std::make_unique<const Recall>(song.heard);
  const double before = cumulative_.empty() ? 0.0 : cumulative_.back();
  cumulative_.push_back(before + weight * static_cast<double>(song.starts.size()));
  songs_.push_back(std::move(song));
}

SegmentPlan WriterBatches::draw(Random& random) const {
  SegmentPlan plan;
  const double place = random.uniform() * cumulative_.back();
  const auto chosen = std::upper_bound(cumulative_.begin(), cumulative_.end(), place);
  plan.song = std::min(static_cast<std::size_t>(chosen - cumulative_.begin()), songs_.size() - 1);
  const Song& song = songs_[plan.song];
  plan.first_beat = random.chance(kOnBarLine)
                        ? song.starts[random.index(song.starts.size())]
                        : static_cast<int>(random.index(index_of(std::max(0, song.starts.back()) + 1)));
  const bool hidden = !styles_.empty() && styles_.front() == "auto" && random.chance(config_.style_dropout);
  plan.style = hidden ? 0 : song.style;
  plan.augmentation.semitones = kLowestTransposition + static_cast<int>(random.index(kTranspositions));
  plan.seed = random.next();
  complete(plan);
  return plan;
}

std::vector<SegmentPlan> WriterBatches::fixed_plans(std::size_t first, std::size_t count) const {
  std::vector<SegmentPlan> plans;
  for (std::size_t i = first; i < first + count; ++i) {
    Random random = Random(0).fork(kFixedStream).fork(i);
    SegmentPlan plan;
    plan.song = i % songs_.size();
    const Song& song = songs_[plan.song];
    plan.first_beat = song.starts[random.index(song.starts.size())];
    plan.style = song.style;
    complete(plan);
    plans.push_back(std::move(plan));
  }
  return plans;
}

void WriterBatches::complete(SegmentPlan& plan) const {
  const int first_step = plan.first_beat * kStepsPerBeat;
  std::vector<Note> segment;
  for (Note note : songs_[plan.song].text) {
    if (note.onset < first_step || note.onset >= first_step + language_->segment_steps()) continue;
    note.pitch = static_cast<std::int16_t>(note.pitch + plan.augmentation.semitones);
    segment.push_back(note);
  }
  plan.tokens = language_->encode(segment, first_step);
  const auto longest = static_cast<std::size_t>(config_.max_tokens - 1);  // the start token counts
  if (plan.tokens.size() > longest) plan.tokens.resize(longest);
}

void WriterBatches::wish_textures(WriterSong& song, const Song& from, int first_beat, Random& random) const {
  const bool density = random.chance(kTextureShare), fullness = random.chance(kTextureShare);
  if (!density && !fullness) return;
  song.textures = textures_of(from.text, song.beats(), first_beat, features_.segment_beats);
  for (SectionTexture& texture : song.textures) {
    if (!density) texture.density = -1;
    if (!fullness) texture.fullness = -1;
  }
}

Matrix<float> WriterBatches::frames_of(const SegmentPlan& plan, Augmentation augmentation) const {
  const Song& song = songs_[plan.song];
  const bool drawn = augmentation == Augmentation::drawn;
  Random random(plan.seed);
  WriterSong told =
      transposed(drawn ? heard(song.heard, HearingErrors{}, random) : song.heard, plan.augmentation.semitones);
  if (drawn) wish_textures(told, song, plan.first_beat, random);
  SymbolPlace place{.first_beat = plan.first_beat};
  const std::optional<int> like = song.recall->like(plan.first_beat, features_.recalled_beats);
  if (like && !(drawn && random.chance(kNothingRecalled))) {
    place.recalled_beat = *like;
    place.recalls = true;
  }
  if (drawn && random.chance(kNothingWritten)) {
    place.written_from = plan.first_beat;
    place.recalls = false;
  }
  const double thinned = drawn && random.chance(kThinnedPast) ? kThinnedNotes : 0.0;
  std::vector<Note> text;
  for (Note note : song.text) {
    if (note.onset >= plan.first_beat * kStepsPerBeat) break;
    if (note.onset < place.written_from * kStepsPerBeat || random.chance(thinned)) continue;
    note.pitch = static_cast<std::int16_t>(note.pitch + plan.augmentation.semitones);
    text.push_back(note);
  }
  const int frames = features_.frames_per_beat * (features_.recalled_beats + features_.past_beats +
                                                  features_.segment_beats + features_.future_beats);
  Matrix<float> rows(index_of(frames), index_of(features_.inputs()));
  fill_symbol_frames(told, text, place, features_, rows.flat());
  return rows;
}

std::vector<Matrix<float>> WriterBatches::features_of(std::span<const SegmentPlan> plans,
                                                      Augmentation augmentation) const {
  std::vector<Matrix<float>> segments;
  for (const auto& plan : plans) segments.push_back(frames_of(plan, augmentation));
  return segments;
}

std::unique_ptr<SegmentBatches> segments_by_features(const TrainConfig& config, const ModelConfig& model, Split split,
                                                     Share share, at::ScalarType type) {
  if (model.features.kind != FeatureKind::symbols) return record_segments(config, model, split, share, type);
  return std::make_unique<WriterBatches>(config, model, split, share, type);
}

}  // namespace pop2piano::training
