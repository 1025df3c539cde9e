// SPDX-License-Identifier: MIT
// Covers of recordings in every style, arranged for every level: cover_levels MODEL OUTPUT_FOLDER SONG ... Is
// everything playable, is the melody on top, how much easier is each level? With an output folder other than - every
// cover is also written as MusicXML and MIDI, to validate, to measure and to look at.
#include <pop2piano/cover.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>

#include "level_table.h"
#include "music/arrange/arranging.h"
#include "music/arrange/dynamics.h"
#include "music/arrange/held_melody.h"
#include "music/arrange/melody_on_top.h"

namespace pop2piano {
namespace {

/// What should be zero, over all covers.
struct MelodyFaults {
  std::size_t notes = 0, in_left_hand = 0;
  std::int64_t steps_above = 0;
  double in_long_rows = 0.0;  // share of a melody's notes, summed over scores
  std::size_t scores = 0;
};

void add(MelodyFaults& faults, const Score& score) {
  faults.steps_above += steps_above_melody(score.notes);
  faults.in_long_rows += share_in_long_rows(score.notes);
  ++faults.scores;
  for (const Note& note : score.notes) {
    if (note.voice != Voice::melody) continue;
    ++faults.notes;
    faults.in_left_hand += note.hand == Hand::left ? 1 : 0;
  }
}

void print(const MelodyFaults& faults) {
  std::printf(
      "melody: %.2f %% of its notes in the left hand, %lld steps of accompaniment above it, %.2f %% in rows of more "
      "than "
      "%d\n",
      100.0 * static_cast<double>(faults.in_left_hand) / static_cast<double>(std::max<std::size_t>(1, faults.notes)),
      static_cast<long long>(faults.steps_above),
      100.0 * faults.in_long_rows / static_cast<double>(std::max<std::size_t>(1, faults.scores)), kLongestRow);
}

/// Where one song's covers go; "-" keeps none.
struct Target {
  std::filesystem::path folder;
  std::string song;
};

void write(const Target& target, Score score, const Cover& cover, int level) {
  if (target.folder == "-") return;
  set_velocities(score, cover.written.loudness_db);
  const std::string name = target.song + "." + score.style + "." + std::to_string(level);
  write_musicxml(target.folder / (name + ".musicxml"), score, {.fingering = level % 2 == 1});
  write_midi(target.folder / (name + ".mid"), score);
}

/// Covers that gave up as little as hands of two octaves must, each arranged anew for every level.
void measure(const std::filesystem::path& song, const Model& model, const std::filesystem::path& output,
             LevelTable& table, MelodyFaults& faults) {
  const Recording recording = Recording::open(song);
  const auto covers = make_covers(recording, model, model.config().styles,
                                  {.piano = {.hand_span = 24, .melody = MelodyPlace::as_written}, .threads = 1});
  for (const Cover& cover : covers) {
    SongLevels levels;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      const int level = static_cast<int>(i) + 1;
      levels[i] = cover.piano.score;
      levels[i].chords.clear();
      levels[i].keys.clear();
      arrange_for_piano(levels[i], {.level = level});
      add(faults, levels[i]);
      write({output, song.stem().string()}, levels[i], cover, level);
    }
    table.add(levels);
  }
}

int run(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: cover_levels MODEL_FOLDER OUTPUT_FOLDER|- SONG ...\n");
    return 2;
  }
  const auto model = Model::load(argv[1]);
  LevelTable levels;
  MelodyFaults faults;
  for (int i = 3; i < argc; ++i) {
    try {
      measure(argv[i], *model, argv[2], levels, faults);
    } catch (const Error& error) {
      std::printf("%s\n", error.what());
    }
  }
  levels.print();
  print(faults);
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
