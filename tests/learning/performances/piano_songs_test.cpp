// SPDX-License-Identifier: MIT
// Records of performances: scores that are of no use are named, not passed over in silence.
#include "learning/performances/piano_songs.h"

#include <pop2piano/error.h>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "learning/dataset/record_set.h"
#include "learning/records/test_sound_font.h"
#include "music/scorefiles/midi_file.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;

void write_scale(const std::filesystem::path& file, int notes) {
  MidiFile midi{.format = 0, .ticks_per_quarter = 480};
  MidiTrack& track = midi.tracks.emplace_back();
  for (int i = 0; i < notes; ++i) {
    track.events.push_back(midi_note_on(240 * i, 0, 40 + i % 40, 70));
    track.events.push_back(midi_note_off(240 * i + 200, 0, 40 + i % 40));
  }
  track.length = 240 * notes;
  write_midi_file(file, midi);
}

PianoSongOptions options_of(const std::filesystem::path& scores) {
  return {.sound_fonts = {*testing::test_sound_font()},
          .scores = {scores},
          .seconds = 6.0,
          .texture_share = 0.0,
          .count = 3,
          .seed = 4};
}

TEST(PianoSongs, NamesTheScoresThatItPassesOver) {
  if (!testing::test_sound_font()) GTEST_SKIP() << testing::kNoSoundFont;
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "scores");
  for (int i = 0; i < 40; ++i) {  // names decide the split: some of each are of this one
    const std::string name = "score " + std::to_string(i);
    write_scale(folder / "scores" / (name + ".mid"), 200);
    write_scale(folder / "scores" / (name + " short.mid"), 3);
    write_file(folder / "scores" / (name + " broken.mid"), std::string_view("MThd"));
  }
  ThreadPool pool(1);
  const PianoSongsMade made = write_piano_songs(folder / "records", options_of(folder / "scores"), pool, {});
  EXPECT_EQ(made.records, 3U);
  ASSERT_FALSE(made.unreadable.empty());
  ASSERT_FALSE(made.too_short.empty());
  EXPECT_NE(made.unreadable.front().find("broken.mid"), std::string::npos) << made.unreadable.front();
  EXPECT_NE(made.too_short.front().find("short.mid"), std::string::npos) << made.too_short.front();
}

TEST(PianoSongs, OfUselessScoresAloneNothingIsMade) {
  if (!testing::test_sound_font()) GTEST_SKIP() << testing::kNoSoundFont;
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "scores");
  for (int i = 0; i < 40; ++i) write_scale(folder / "scores" / (std::to_string(i) + " short.mid"), 3);
  ThreadPool pool(1);
  EXPECT_THROW((void)write_piano_songs(folder / "records", options_of(folder / "scores"), pool, {}), Error);
}

}  // namespace
}  // namespace pop2piano
