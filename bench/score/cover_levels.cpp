// SPDX-License-Identifier: MIT
// Covers of recordings in every style, arranged for every level: cover_levels MODEL OUTPUT_FOLDER SONG ... Is
// everything playable, is the tune on top, how much easier is each level? With an output folder other than - every
// cover is also written as MusicXML, to validate and to look at.
#include <pop2piano/cover.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "score/arranging.h"
#include "score/dynamics.h"
#include "score/hands.h"
#include "score/tune_on_top.h"

namespace pop2piano {
namespace {

struct LevelSum {
  Demands demands;
  std::size_t covers = 0, unplayable = 0, notes = 0;
  std::size_t tune_notes = 0, tune_in_left = 0;
  std::int64_t steps_above = 0;
};

void add(LevelSum& sum, const Score& score, int level) {
  const Demands demands = demands_of(score);
  ++sum.covers;
  sum.notes += score.notes.size();
  sum.unplayable += count_unplayable(score.notes, reach_of(level, 15));
  sum.steps_above += steps_above_tune(score.notes);
  for (const Note& note : score.notes) {
    if (note.voice != Voice::melody) continue;
    ++sum.tune_notes;
    sum.tune_in_left += note.hand == Hand::left ? 1 : 0;
  }
  sum.demands.notes_per_beat += demands.notes_per_beat;
  sum.demands.leaps_per_bar += demands.leaps_per_bar;
  sum.demands.offbeat_share += demands.offbeat_share;
  sum.demands.notes_per_onset += demands.notes_per_onset;
  sum.demands.max_span = std::max(sum.demands.max_span, demands.max_span);
}

void print(const std::array<LevelSum, 5>& levels) {
  std::printf(
      "level  covers   notes  notes/beat  span  leaps/bar  off 8ths  notes/onset  unplayable  above tune  tune left\n");
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const LevelSum& s = levels[i];
    const double covers = static_cast<double>(std::max<std::size_t>(1, s.covers));
    std::printf(
        "%zu      %6zu  %6zu  %10.2f  %4d  %9.2f  %7.1f%%  %11.2f  %10zu  %10lld  %8.2f%%\n", i + 1, s.covers, s.notes,
        s.demands.notes_per_beat / covers, s.demands.max_span, s.demands.leaps_per_bar / covers,
        100.0 * s.demands.offbeat_share / covers, s.demands.notes_per_onset / covers, s.unplayable,
        static_cast<long long>(s.steps_above),
        100.0 * static_cast<double>(s.tune_in_left) / static_cast<double>(std::max<std::size_t>(1, s.tune_notes)));
  }
}

/// Covers that gave up as little as hands of two octaves must, each arranged anew for every level.
void measure(const std::filesystem::path& song, const Model& model, const std::filesystem::path& output,
             std::array<LevelSum, 5>& levels) {
  const Recording recording = Recording::open(song);
  const auto covers = make_covers(recording, model, model.config().styles,
                                  {.hand_span = 24, .tune = TunePlace::as_written, .threads = 1});
  for (const Cover& cover : covers) {
    for (int level = kEasyLevel; level <= kFullLevel; ++level) {
      Score score = cover.score;
      score.chords.clear();
      score.keys.clear();
      arrange_for_piano(score, {.level = level});
      add(levels[static_cast<std::size_t>(level - 1)], score, level);
      if (output == "-") continue;
      set_velocities(score, cover.loudness_db);
      write_musicxml(output / (song.stem().string() + "." + score.style + "." + std::to_string(level) + ".musicxml"),
                     score, {.fingering = level % 2 == 1});
    }
  }
}

int run(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: cover_levels MODEL_FOLDER OUTPUT_FOLDER|- SONG ...\n");
    return 2;
  }
  const auto model = Model::load(argv[1]);
  std::array<LevelSum, 5> levels;
  for (int i = 3; i < argc; ++i) {
    try {
      measure(argv[i], *model, argv[2], levels);
    } catch (const Error& error) {
      std::printf("%s\n", error.what());
    }
  }
  print(levels);
  return 0;
}

}  // namespace
}  // namespace pop2piano

int main(int argc, char** argv) {
  try {
    return pop2piano::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
