// SPDX-License-Identifier: MIT
#include "music/score/metre.h"

#include <pop2piano/error.h>

#include <gtest/gtest.h>

#include "music/score/bars.h"
#include "music/score/compound.h"
#include "music/score/exact_rhythm.h"
#include "music/score/fine_beats.h"

namespace pop2piano {
namespace {

using Lengths = std::vector<std::int16_t>;

TEST(Metre, BeatsOfABar) {
  EXPECT_EQ(beats_of({3, 4}), (Lengths{16, 16, 16}));
  EXPECT_EQ(beats_of({3, 2}), Lengths(6, 16));
  EXPECT_EQ(beats_of({6, 8}), (Lengths{24, 24}));
  EXPECT_EQ(beats_of({3, 8}), (Lengths{24}));
  EXPECT_EQ(beats_of({5, 8}), (Lengths{24, 16}));
  EXPECT_EQ(beats_of({7, 8}), (Lengths{16, 16, 24}));
  EXPECT_EQ(beats_of({4, 8}), (Lengths{16, 16}));
  EXPECT_EQ(beats_of({9, 16}), (Lengths{12, 12, 12}));
  for (int denominator = 1; denominator <= 64; denominator *= 2) {
    for (int numerator = 1; numerator < 40; ++numerator) {
      int sum = 0;
      for (const int length : beats_of({numerator, denominator})) sum += length;
      EXPECT_EQ(sum, 64 * numerator / denominator);
    }
  }
}

TEST(Metre, WhatIsNoMetreIsRefused) {
  EXPECT_FALSE(is_metre(0, 4));
  EXPECT_FALSE(is_metre(4, 3));
  EXPECT_FALSE(is_metre(4, 128));
  BeatGrid grid{.times = {0, 1}, .numbers = {1, 2}, .confidence = {}};
  grid.metres = {{0, 4, 5}};
  EXPECT_THROW(grid.validate(), Error);
  grid.metres = {};
  grid.lengths = {16};
  EXPECT_THROW(grid.validate(), Error);
  grid.lengths = {16, 0};
  EXPECT_THROW(grid.validate(), Error);
  grid.lengths = {};
  grid.fine = {FineBeat{}};  // its places do not ascend
  EXPECT_THROW(grid.validate(), Error);
}

TEST(Metre, BarsKeepTheirLength) {
  const std::vector<PlannedBar> planned = {{{4, 4}, 8}, {{4, 4}, 64}, {{4, 4}, 40}, {{6, 8}, 48}, {{6, 8}, 56}};
  BeatGrid grid = beats_of_bars(planned);
  for (std::size_t i = 0; i < grid.numbers.size(); ++i) grid.times.push_back(static_cast<double>(i));
  EXPECT_EQ(grid.metres, (std::vector<MetreSpan>{{0, 4, 4}, {8, 6, 8}}));
  const std::vector<Bar> bars = bars_between(grid, 0, static_cast<int>(grid.size()) - 1);
  ASSERT_EQ(bars.size(), planned.size());
  for (std::size_t i = 0; i < bars.size(); ++i) {
    EXPECT_EQ(written_length(grid, bars[i]), planned[i].length);
    EXPECT_EQ(metre_of(grid, bars[i]), planned[i].metre);
    EXPECT_EQ(bars[i].pickup, i == 0);
  }
}

TEST(Metre, ALongerGridKeepsWhatIsWritten) {
  BeatGrid grid = beats_of_bars(std::vector<PlannedBar>{{{6, 8}, 48}, {{6, 8}, 48}});
  for (std::size_t i = 0; i < grid.numbers.size(); ++i) grid.times.push_back(2.0 + static_cast<double>(i));
  const BeatGrid longer = grid.extended(0.0, 8.0);
  longer.validate();
  EXPECT_EQ(longer.metres.front().first_beat, 2);
  EXPECT_EQ(longer.lengths, Lengths(longer.size(), 24));
}

TEST(FineBeats, PlacesAreExactAndInOrder) {
  BeatGrid grid = beats_of_bars(std::vector<PlannedBar>{{{4, 4}, 64}});
  std::vector<double> moments;  // 64th notes
  for (int i = 0; i < 5; ++i) moments.push_back(16.0 * i / 5);
  for (int i = 0; i < 8; ++i) moments.push_back(16.0 + 2.0 * i);
  for (int i = 0; i < 16; ++i) moments.push_back(32.0 + i);  // more than twelve: the beat is cut
  const FineGrid fine(grid, moments);
  EXPECT_EQ(fine.moved(), 0U);
  EXPECT_EQ(fine.grid().numbers.size(), grid.numbers.size() + 1);
  int before = -1;
  for (const double moment : moments) {
    const int step = fine.step_at(moment);
    EXPECT_GT(step, before);
    before = step;
    const double beat = fine.grid().beat_of(step);
    EXPECT_NEAR(beat, fine.beat_at(moment), 1e-9);
  }
}

TEST(FineBeats, TwelfthsNeedNone) {
  const BeatGrid grid = beats_of_bars(std::vector<PlannedBar>{{{4, 4}, 64}});
  const FineGrid fine(grid, std::vector<double>{0, 4, 8, 12, 16, 16.0 + 16.0 / 3});
  EXPECT_TRUE(fine.grid().fine.empty());
  EXPECT_EQ(fine.step_at(12), 9);
  EXPECT_EQ(fine.step_at(16.0 + 16.0 / 3), 16);
}

TEST(ExactRhythm, ToldFromPlaying) {
  std::vector<double> written, played, sixteenths;
  for (int i = 0; i < 200; ++i) {
    written.push_back(i / 8.0 + (i % 2 == 0 ? 0.001 : -0.001));
    played.push_back(i / 8.0 + 0.017 * ((i * 7) % 5 - 2));
    sixteenths.push_back(i / 4.0);
  }
  const auto exact = exact_onsets(written, 0.0021);
  ASSERT_TRUE(exact);
  for (int i = 0; i < 200; ++i) EXPECT_DOUBLE_EQ((*exact)[static_cast<std::size_t>(i)], i / 8.0);
  EXPECT_FALSE(exact_onsets(played, 0.0021));
  EXPECT_FALSE(exact_onsets(sixteenths, 0.0021));  // as Quantiser finds them
}

}  // namespace
}  // namespace pop2piano
