// SPDX-License-Identifier: MIT
// The octave of the bass: near the one before, and nothing else changes.
#include "writing/writer/bass_leading.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "writing/writer/made_up_song.h"

namespace pop2piano {
namespace {

using testing::major;

// Bars of four beats: C, D, C; a bass on each and a note above it on the second beat.
class BassLeading : public ::testing::Test {
 protected:
  BassLeading() {
    for (int b = 0; b < 12; ++b) {
      song_.beat_numbers.push_back(b % 4 + 1);
      song_.chords.push_back(major(b / 4 == 1 ? 2 : 0));
    }
  }
  [[nodiscard]] std::vector<int> led(const std::vector<int>& basses, int above = 64) const {
    std::vector<Note> text;
    for (std::size_t bar = 0; bar < basses.size(); ++bar) {
      const int step = static_cast<int>(bar) * 48;
      text.push_back({.onset = step, .duration = 12, .pitch = static_cast<std::int16_t>(basses[bar])});
      text.push_back({.onset = step + 12, .duration = 12, .pitch = static_cast<std::int16_t>(above)});
    }
    lead_bass(song_, text);
    std::vector<int> result;
    for (std::size_t i = 0; i < text.size(); i += 2) {
      EXPECT_EQ(text[i + 1].pitch, above);
      EXPECT_EQ(text[i].duration, 12);
      result.push_back(text[i].pitch);
    }
    return result;
  }
  WriterSong song_;
};

TEST_F(BassLeading, ALeapBecomesAStep) {
  EXPECT_EQ(led({48, 38, 48}), (std::vector{48, 50, 48}));  // down a seventh: up a step
  EXPECT_EQ(led({36, 50, 36}), (std::vector{36, 38, 36}));
  EXPECT_EQ(led({36, 38, 48}), (std::vector{36, 38, 36}));
}

TEST_F(BassLeading, WhatLiesNearStays) {
  EXPECT_EQ(led({48, 50, 48}), (std::vector{48, 50, 48}));
  EXPECT_EQ(led({43, 38, 36}), (std::vector{43, 38, 36}));  // a wrong bass is no bass to lead, nor to go on from
}

TEST_F(BassLeading, ItStaysTheLowestAndWithinReach) {
  EXPECT_EQ(led({48, 38, 48}, 49), (std::vector{48, 38, 36}));  // 50 would lie above what follows
  song_.melody = {{.onset = 48, .duration = 48, .pitch = 50, .voice = Voice::melody}};
  EXPECT_EQ(led({48, 38, 48}), (std::vector{48, 38, 36}));  // the melody has that key
  song_.melody.clear();
  std::vector<Note> chord = {{.onset = 0, .duration = 12, .pitch = 36},
                             {.onset = 48, .duration = 12, .pitch = 57},
                             {.onset = 48, .duration = 12, .pitch = 50}};
  lead_bass(song_, chord);
  EXPECT_EQ(chord[2].pitch, 50);  // 38 would be farther than a tenth below the 57 that is struck with it
  chord[1].pitch = 54;
  lead_bass(song_, chord);
  EXPECT_EQ(chord[2].pitch, 38);
}

TEST_F(BassLeading, NothingToldNothingMoved) {
  for (BeatChord& chord : song_.chords) chord.bass = -1;
  EXPECT_EQ(led({48, 38, 48}), (std::vector{48, 38, 48}));
  EXPECT_EQ(led({}), std::vector<int>{});
}

}  // namespace
}  // namespace pop2piano
