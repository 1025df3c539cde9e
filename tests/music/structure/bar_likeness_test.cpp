// SPDX-License-Identifier: MIT
#include "music/structure/bar_likeness.h"

#include <utility>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

TEST(BarSpans, GoFromOneToOne) {
  const auto bars = bar_spans(std::vector{3, 4, 1, 2, 3, 4, 1, 2, 3, 1});
  EXPECT_TRUE(bar_spans({}).empty());
  ASSERT_EQ(bars.size(), 4U);
  const std::vector<std::pair<int, int>> expected = {{0, 2}, {2, 4}, {6, 3}, {9, 1}};
  for (std::size_t i = 0; i < bars.size(); ++i) {
    EXPECT_EQ(bars[i].first_beat, expected[i].first);
    EXPECT_EQ(bars[i].beats, expected[i].second);
  }
}

TEST(BarLikeness, OneForTheSameNothingForOthers) {
  // Bars of two beats: 0 4, 0 4, 7 2, and one of three.
  BeatDescriptions beats;
  beats.harmony = Matrix<float>(9, 12);
  const std::vector<std::size_t> classes = {0, 4, 0, 4, 7, 2, 0, 4, 7};
  for (std::size_t b = 0; b < classes.size(); ++b) beats.harmony(b, classes[b]) = b == 0 ? 5.0F : 1.0F;
  const auto bars = bar_spans(std::vector{1, 2, 1, 2, 1, 2, 1, 2, 3});
  const Matrix<float> like = bar_likeness(beats, bars);
  ASSERT_EQ(like.rows(), 4U);
  EXPECT_NEAR(like(0, 0), 1.0F, 1e-5);
  EXPECT_GT(like(0, 1), 0.7F);
  EXPECT_LT(like(0, 2), 0.2F);
  EXPECT_EQ(like(0, 3), 0.0F);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) EXPECT_EQ(like(i, j), like(j, i));
  }
}

TEST(BarLikeness, SilenceAndNoDescriptionAreLikeNothing) {
  const auto bars = bar_spans(std::vector{1, 2, 1, 2});
  BeatDescriptions silent{Matrix<float>(4, 12), {}, Matrix<float>(4, 3)};
  const Matrix<float> of_silence = bar_likeness(silent, bars), of_nothing = bar_likeness({}, bars);
  for (const float value : of_silence.flat()) EXPECT_EQ(value, 0.0F);
  for (const float value : of_nothing.flat()) EXPECT_EQ(value, 0.0F);
}

}  // namespace
}  // namespace pop2piano
