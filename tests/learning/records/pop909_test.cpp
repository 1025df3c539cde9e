// SPDX-License-Identifier: MIT
#include "learning/records/pop909.h"

#include <pop2piano/error.h>

#include <gtest/gtest.h>

#include "learning/records/tiny_corpus.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;
using testing::write_tiny_song;

TEST(Pop909, ReadsBeatsChordsAndVoices) {
  const ScratchFolder folder;
  write_tiny_song(folder.path(), 7);
  write_tiny_song(folder.path(), 13);
  EXPECT_EQ(list_pop909(folder.path()), (std::vector<int>{7, 13}));
  const SymbolicSong song = read_pop909(folder.path(), 7);
  EXPECT_EQ(song.name, "pop909/007");
  EXPECT_EQ(song.grid.beats_per_bar, 4);
  ASSERT_EQ(song.grid.size(), 64U);
  EXPECT_EQ(song.grid.numbers[0], 1);
  EXPECT_EQ(song.grid.numbers[3], 4);
  EXPECT_NEAR(song.melody.front().onset, 4.0, 1e-6);
  EXPECT_EQ(song.piano.size(), 192U);
  ASSERT_EQ(song.chords.size(), 16U);
  EXPECT_EQ(song.chords[1].root, 7);
  EXPECT_EQ(song.chords[1].pitch_classes, 1U << 7 | 1U << 11 | 1U << 2);
}

TEST(Pop909, SplitsByNumber) {
  EXPECT_EQ(pop909_split(7), "test");
  EXPECT_EQ(pop909_split(893), "validation");
  EXPECT_EQ(pop909_split(100), "train");
}

TEST(Pop909, NamesWhatIsWrong) {
  const ScratchFolder folder;
  EXPECT_THROW((void)list_pop909(folder / "absent"), Error);
  EXPECT_THROW((void)list_pop909(folder.path()), Error);
  write_tiny_song(folder.path(), 1);
  EXPECT_THROW((void)read_pop909(folder.path(), 2), Error);
  std::ofstream(folder / "001" / "beat_midi.txt", std::ios::app) << "nonsense\n";
  try {
    (void)read_pop909(folder.path(), 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("beat_midi.txt: line 65"), std::string::npos) << error.what();
  }
}

TEST(SymbolicSong, DoubleAndHalfTimeKeepSeconds) {
  const ScratchFolder folder;
  write_tiny_song(folder.path(), 1);
  const SymbolicSong song = read_pop909(folder.path(), 1);
  for (const SymbolicSong& other : {double_time(song), half_time(song)}) {
    EXPECT_NEAR(other.grid.time_at(other.melody[5].onset), song.grid.time_at(song.melody[5].onset), 1e-9);
    EXPECT_EQ(other.grid.numbers[0], 1);
    for (std::size_t i = 1; i < other.grid.size(); ++i) {
      EXPECT_EQ(other.grid.numbers[i], other.grid.numbers[i - 1] % 4 + 1);
    }
  }
  EXPECT_EQ(double_time(song).grid.size(), 128U);
  EXPECT_EQ(half_time(song).grid.size(), 32U);
}

TEST(SymbolicSong, TransposingTwelveTimesByOneIsAnOctave) {
  const ScratchFolder folder;
  write_tiny_song(folder.path(), 1);
  const SymbolicSong song = read_pop909(folder.path(), 1);
  SymbolicSong moved = song;
  for (int i = 0; i < 12; ++i) moved = transposed(moved, -1);
  EXPECT_EQ(moved.melody[0].pitch, song.melody[0].pitch - 12);
  for (std::size_t i = 0; i < song.chords.size(); ++i) {
    EXPECT_EQ(moved.chords[i].root, song.chords[i].root);
    EXPECT_EQ(moved.chords[i].pitch_classes, song.chords[i].pitch_classes);
  }
}

}  // namespace
}  // namespace pop2piano
