// SPDX-License-Identifier: MIT
// The notation of grooves: cells, bars, ties, swing, and what is no notation.
#include "learning/genres/groove.h"

#include <pop2piano/error.h>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

Groove two_beats(std::string_view cells) {
  return {.name = "test", .words = "", .beats = 2, .cells = 4, .tempo = {60, 60}, .rows = {{Line::bass, cells}}};
}

TEST(Groove, StrokesLastToTheirTiesEnd) {
  const Groove groove = two_beats("1--. ..5-");
  const auto strokes = strokes_of(groove, groove.rows[0], 0);
  ASSERT_EQ(strokes.size(), 2U);
  EXPECT_DOUBLE_EQ(strokes[0].at, 0.0);
  EXPECT_DOUBLE_EQ(strokes[0].length, 0.75);
  EXPECT_DOUBLE_EQ(strokes[1].at, 1.5);
  EXPECT_DOUBLE_EQ(strokes[1].length, 0.5);
  EXPECT_EQ(strokes[1].cell, '5');
}

TEST(Groove, TwoBarsTakeTurnsAndTiesGoOverTheBarLine) {
  const Groove groove = two_beats("1... ...1|-... 3...");
  EXPECT_EQ(bars_of(groove, groove.rows[0]), 2);
  const auto first = strokes_of(groove, groove.rows[0], 0), second = strokes_of(groove, groove.rows[0], 3);
  ASSERT_EQ(first.size(), 2U);
  EXPECT_DOUBLE_EQ(first[1].at, 1.75);
  EXPECT_DOUBLE_EQ(first[1].length, 0.5);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_DOUBLE_EQ(second[0].at, 1.0);
}

TEST(Groove, AccentsAreLouderThanGhosts) {
  const Groove groove = two_beats("X.x. o.g.");
  const auto strokes = strokes_of(groove, groove.rows[0], 0);
  ASSERT_EQ(strokes.size(), 4U);
  for (std::size_t i = 1; i < strokes.size(); ++i) EXPECT_GT(strokes[i - 1].strength, strokes[i].strength);
}

TEST(Groove, RefusesBrokenBarsAndUnknownCells) {
  const Groove shorter = two_beats("x..."), unknown = two_beats("x... ?...");
  EXPECT_THROW((void)bars_of(shorter, shorter.rows[0]), Error);
  EXPECT_THROW((void)bars_of(unknown, unknown.rows[0]), Error);
}

TEST(Groove, SwingMovesTheSecondHalfOfEachPair) {
  EXPECT_DOUBLE_EQ(swung_place(Swung::none, 0.66, 0.5), 0.5);
  EXPECT_DOUBLE_EQ(swung_place(Swung::eighths, 2.0 / 3, 0.5), 2.0 / 3);
  EXPECT_DOUBLE_EQ(swung_place(Swung::eighths, 2.0 / 3, 1.0), 1.0);
  EXPECT_DOUBLE_EQ(swung_place(Swung::sixteenths, 0.6, 0.25), 0.3);
  EXPECT_DOUBLE_EQ(swung_place(Swung::sixteenths, 0.6, 0.5), 0.5);
  EXPECT_DOUBLE_EQ(swung_place(Swung::sixteenths, 0.6, 0.75), 0.8);
}

}  // namespace
}  // namespace pop2piano
