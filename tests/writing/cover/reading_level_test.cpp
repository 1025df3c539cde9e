// SPDX-License-Identifier: MIT
// Which level of the beat a page reads best at.
#include "writing/cover/reading_level.h"

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

// `beats` beats with a note on each of `steps` of the beat.
std::vector<Note> beats_of(int beats, const std::vector<int>& steps) {
  std::vector<Note> notes;
  for (int beat = 0; beat < beats; ++beat) {
    for (const int step : steps) notes.push_back({.onset = beat * kStepsPerBeat + step});
  }
  return notes;
}

Rhythm rhythm_at(double tempo, double tempo_times = 1) {
  Rhythm rhythm;
  for (std::size_t i = 0; i < 40; ++i) {
    rhythm.grid.times.push_back(60 / tempo * static_cast<double>(i));
    rhythm.grid.numbers.push_back(static_cast<int>(i % 4) + 1);
  }
  rhythm.tempo_times = tempo_times;
  return rhythm;
}

TEST(ReadingLevel, APageFullOfSixteenthsIsCountedTwiceAsFast) {
  const auto sixteenths = beats_of(40, {0, 3, 6, 9});
  const ReadingLevel level = reading_level(sixteenths, 62);
  EXPECT_EQ(level.times, 2);
  EXPECT_DOUBLE_EQ(level.share, 0.5);
  EXPECT_EQ(reading_level(sixteenths, 95).times, 1);  // 190 quarters a minute
}

TEST(ReadingLevel, APageThatHardlyLeavesTheBeatsIsCountedHalfAsFast) {
  EXPECT_EQ(reading_level(beats_of(40, {0}), 150).times, 0.5);
  EXPECT_EQ(reading_level(beats_of(40, {0}), 95).times, 1);  // 47 quarters a minute
  EXPECT_EQ(reading_level(beats_of(40, {0, 6}), 150).times, 1);
}

TEST(ReadingLevel, EighthsTripletsAndShortPiecesStay) {
  EXPECT_EQ(reading_level(beats_of(40, {0, 6}), 80).times, 1);
  EXPECT_EQ(reading_level(beats_of(40, {0, 4, 8}), 60).times, 1);
  EXPECT_EQ(reading_level(beats_of(7, {0, 3, 6, 9}), 60).times, 1);
  EXPECT_EQ(reading_level({}, 60).times, 1);
}

TEST(ReadingLevel, NotesOfOneStepCountOnce) {
  auto notes = beats_of(40, {0, 6});
  for (int i = 0; i < 1000; ++i) notes.push_back({.onset = 3, .pitch = static_cast<std::int16_t>(i % 88 + 21)});
  EXPECT_EQ(reading_level(notes, 60).times, 1);
}

TEST(ReadingLevel, TheRemarkNamesTheOption) {
  const auto sixteenths = beats_of(40, {0, 3, 6, 9});
  EXPECT_EQ(reading_remark(sixteenths, rhythm_at(62)),
            "the score reads better with --tempo-times 2: 50 % of the places where notes begin lie on sixteenths");
  EXPECT_NE(reading_remark(sixteenths, rhythm_at(62, 0.5)).find("--tempo-times 1:"), std::string::npos);
  EXPECT_EQ(reading_remark(sixteenths, rhythm_at(62, 2)), "");  // no option counts four times as fast
  EXPECT_EQ(reading_remark(beats_of(40, {0, 6}), rhythm_at(62)), "");
  EXPECT_EQ(reading_remark(sixteenths, Rhythm{}), "");
}

}  // namespace
}  // namespace pop2piano
