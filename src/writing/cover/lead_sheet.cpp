// SPDX-License-Identifier: MIT
#include "writing/cover/lead_sheet.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>

#include "base/core/thread_pool.h"
#include "music/arrange/held_melody.h"
#include "writing/writer/write_song.h"

namespace pop2piano {
namespace {

BeatChord told(const BeatHarmony& heard) {
  if (heard.root < 0) return {.kind = BeatChord::Kind::none};
  return {.kind = BeatChord::Kind::chord, .root = heard.root, .bass = heard.bass, .pitch_classes = heard.pitch_classes};
}

std::vector<Note> melody_of(std::span<const Note> notes, const BeatGrid& grid) {
  std::vector<Note> melody;
  std::ranges::copy_if(notes, std::back_inserter(melody), [](const Note& note) { return note.voice == Voice::melody; });
  static_cast<void>(hold_repeated_tune(melody, grid));
  return melody;
}

int style_of(const Model& writer, const std::string& style) {
  const auto& styles = writer.config().styles;
  const auto found = std::ranges::find(styles, style);
  return found == styles.end() ? 0 : static_cast<int>(found - styles.begin());
}

constexpr int kPlanBeats = 8;  // of a block of the plan; each is judged with half a block more on both sides

// Onsets of a pianist's accompaniment a beat, by least squares over blocks of 22 POP909 songs: beats of so many
// seconds, onsets a beat that the listening network wrote in the whole song, loudness of the block in deviations of the
// song's blocks.
double expected_onsets(double beat_seconds, double written_onsets, double loudness) {
  return 1.11 * beat_seconds + 1.36 * written_onsets + 0.28 * loudness - 1.14;
}

// Onsets a beat from the first to the last.
double onsets_per_beat(std::span<const Note> accompaniment) {
  std::set<int> onsets;
  for (const Note& note : accompaniment) {
    if (note.voice == Voice::accompaniment) onsets.insert(note.onset);
  }
  if (onsets.size() < 2) return 0.0;
  return static_cast<double>(onsets.size()) * kStepsPerBeat / (*onsets.rbegin() - *onsets.begin() + kStepsPerBeat);
}

// Mean loudness of each block, [blocks].
std::vector<double> block_loudness(std::span<const float> loudness_db, int anchor) {
  const auto beats = static_cast<int>(loudness_db.size());
  std::vector<double> blocks;
  for (int first = anchor; first < beats; first += kPlanBeats) {
    double sum = 0.0;
    int count = 0;
    for (int b = std::max(0, first - kPlanBeats / 2); b < std::min(beats, first + kPlanBeats + kPlanBeats / 2); ++b) {
      sum += std::max(-60.0F, loudness_db[static_cast<std::size_t>(b)]);
      ++count;
    }
    blocks.push_back(sum / std::max(1, count));
  }
  return blocks;
}

// Where a song is louder than in the mean, a pianist plays more. Chords are wished for everywhere: left to itself the
// writer, which takes the likeliest, strikes 1.5 notes at a time, a pianist 1.9.
std::vector<SectionTexture> plan_of(const Analysis& analysis, std::span<const Note> notes) {
  const int anchor = analysis.grid.numbers.empty() ? 0 : std::max(1 - analysis.grid.numbers.front(), 1 - kPlanBeats);
  const std::vector<double> loudness = block_loudness(analysis.loudness_db, anchor);
  double mean = 0.0, variance = 0.0;
  for (const double block : loudness) mean += block / static_cast<double>(loudness.size());
  for (const double block : loudness)
    variance += (block - mean) * (block - mean) / static_cast<double>(loudness.size());
  const double deviation = std::max(1.5, std::sqrt(variance));
  const double written = onsets_per_beat(notes), beat = analysis.grid.median_interval();
  std::vector<SectionTexture> plan;
  for (std::size_t b = 0; b < analysis.grid.size(); ++b) {
    const double block = loudness[(b + static_cast<std::size_t>(-anchor)) / kPlanBeats];
    const double onsets = expected_onsets(beat, written, (block - mean) / deviation);
    plan.push_back({.density = density_class(onsets), .fullness = SectionTexture::kFullnesses - 1});
  }
  return plan;
}

}  // namespace

WriterSong lead_sheet_of(const Analysis& analysis, std::span<const Note> notes) {
  WriterSong song{.beat_numbers = analysis.grid.numbers,
                  .beats_per_bar = analysis.grid.beats_per_bar,
                  .chords = {},
                  .melody = melody_of(notes, analysis.grid),
                  .textures = {}};
  song.textures = plan_of(analysis, notes);
  for (const BeatHarmony& heard : analysis.harmony) song.chords.push_back(told(heard));
  return song;
}

std::vector<Note> with_written_accompaniment(const Analysis& analysis, std::vector<Note> notes, const Model& writer,
                                             const std::string& style, const WriteOptions& options, int threads,
                                             const Monitor& monitor) {
  WriterSong song = lead_sheet_of(analysis, notes);
  const int of_writer = style_of(writer, style);
  if (of_writer != 0) song.textures.clear();  // a style that is asked for by name says how dense it is
  ThreadPool pool(threads);
  const auto text = write_songs(writer, std::span(&song, 1),
                                {.style = of_writer, .bass_weight = options.bass_weight, .search = options.generation},
                                pool, monitor);
  std::erase_if(notes, [](const Note& note) { return note.voice == Voice::accompaniment; });
  notes.insert(notes.end(), text.front().begin(), text.front().end());
  return notes;
}

}  // namespace pop2piano
