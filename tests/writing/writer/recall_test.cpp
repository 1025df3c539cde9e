// SPDX-License-Identifier: MIT
// Like passages: found where the song comes back, not where it does not.
#include "writing/writer/recall.h"

#include <optional>

#include <gtest/gtest.h>

#include "writing/writer/made_up_song.h"

namespace pop2piano {
namespace {

using testing::made_up_song;
using testing::major;

TEST(Recall, FindsTheSamePlaceOneRoundEarlier) {
  const Recall recall(made_up_song(96));  // comes back every 32 beats
  EXPECT_EQ(recall.like(40, 8), 8);
  EXPECT_EQ(recall.like(72, 8), 40);  // of two like ones the later
  EXPECT_EQ(recall.like(8, 8), std::nullopt);
}

TEST(Recall, ForgivesAWrongChordAndAMissingNote) {
  WriterSong song = made_up_song(64);
  song.chords[41] = major(1);
  std::erase_if(song.melody, [](const Note& n) { return n.onset == 43 * kStepsPerBeat; });
  EXPECT_EQ(Recall(song).like(40, 8), 8);
}

TEST(Recall, NothingIsAlikeWhenChordsAndMelodyAreOthers) {
  WriterSong song = made_up_song(64);
  for (int b = 32; b < 64; ++b) song.chords[static_cast<std::size_t>(b)] = major((b * 5 + 1) % 12);
  for (Note& note : song.melody) {
    if (note.onset >= 32 * kStepsPerBeat) note.onset += 3;
  }
  EXPECT_EQ(Recall(song).like(40, 8), std::nullopt);
}

TEST(Recall, KeepsTheDistanceAndThePlaceInTheBar) {
  WriterSong song = made_up_song(48);
  for (BeatChord& chord : song.chords) chord = major(0);
  for (Note& note : song.melody) note.pitch = 64;
  const Recall recall(song);
  EXPECT_EQ(recall.like(32, 8), 16);
  EXPECT_EQ(recall.like(33, 8), 17);
  EXPECT_EQ(recall.like(15, 8), std::nullopt);
  EXPECT_EQ(recall.like(32, 8, 17), std::nullopt);  // the place in the bar would be another
  EXPECT_EQ(recall.like(-2, 8), std::nullopt);
  EXPECT_EQ(recall.like(48, 8), std::nullopt);
  EXPECT_EQ(recall.like(44, 8), 28);  // the four beats that are left
}

}  // namespace
}  // namespace pop2piano
