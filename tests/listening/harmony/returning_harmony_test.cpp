// SPDX-License-Identifier: MIT
// Passages that return are heard together: which bars are taken for the same, and what they share.
#include "listening/harmony/returning_harmony.h"

#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

// Bars of four beats, each beat a direction of its own among twelve: bar `k` of a passage has those of `song[k]`.
Matrix<float> beats_of(const std::vector<int>& song) {
  Matrix<float> beats(song.size() * 4, 12);
  for (std::size_t bar = 0; bar < song.size(); ++bar) {
    for (std::size_t b = 0; b < 4; ++b)
      beats(bar * 4 + b, (static_cast<std::size_t>(song[bar]) * 5 + b * 3) % 12) = 1.0F;
  }
  return beats;
}

std::vector<int> numbers_of(std::size_t bars) {
  std::vector<int> numbers;
  for (std::size_t b = 0; b < bars * 4; ++b) numbers.push_back(static_cast<int>(b % 4) + 1);
  return numbers;
}

TEST(ReturningHarmony, BarsOfAPassageReturnEachItsOwn) {
  const std::vector<int> song{0, 1, 2, 4, 6, 7, 8, 9, 0, 1, 2, 4};
  const auto like = returning_bars(beats_of(song), bar_spans(numbers_of(song.size())));
  ASSERT_EQ(like.size(), song.size());
  for (std::size_t bar = 0; bar < 4; ++bar) {
    EXPECT_EQ(like[bar], (std::vector<LikeBar>{{bar + 8, 1.0}})) << bar;
    EXPECT_EQ(like[bar + 8], (std::vector<LikeBar>{{bar, 1.0}})) << bar;
    EXPECT_TRUE(like[bar + 4].empty()) << bar;
  }
}

TEST(ReturningHarmony, ABarAloneThatIsLikeAnotherIsNoPassage) {
  const std::vector<int> song{0, 1, 2, 4, 6, 0, 8, 9, 3, 10};  // bar 5 is bar 0 again, its neighbours are others
  for (const auto& like : returning_bars(beats_of(song), bar_spans(numbers_of(song.size())))) EXPECT_TRUE(like.empty());
}

TEST(ReturningHarmony, SilenceAndBarsOfAnotherLengthAreLikeNothing) {
  const auto silent = returning_bars(Matrix<float>(32, 12), bar_spans(numbers_of(8)));
  for (const auto& like : silent) EXPECT_TRUE(like.empty());
  std::vector<int> numbers = numbers_of(12);
  numbers[47] = 1;  // the last bar has three beats, and one beat is a bar
  const auto like = returning_bars(beats_of({0, 1, 2, 4, 6, 7, 8, 9, 0, 1, 2, 4}), bar_spans(numbers));
  ASSERT_EQ(like.size(), 13U);
  EXPECT_TRUE(like[11].empty());
  EXPECT_TRUE(like[3].empty());
}

TEST(ReturningHarmony, ABeatSharesWithItsPlaceInTheOtherBars) {
  std::vector<std::vector<double>> rows{{1.0, 0.0}, {2.0, 0.0}, {4.0, 8.0}, {6.0, 8.0}, {5.0, 5.0}};
  const std::vector<BarSpan> bars{{0, 2}, {2, 2}, {4, 1}};
  share_between_bars(rows, bars, {{{1, 0.5}}, {{0, 1.0}}, {}});
  const std::vector<std::vector<double>> shared{
      {3.0 / 1.5, 4.0 / 1.5}, {5.0 / 1.5, 4.0 / 1.5}, {2.5, 4.0}, {4.0, 4.0}, {5.0, 5.0}};
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t c = 0; c < 2; ++c) EXPECT_NEAR(rows[row][c], shared[row][c], 1e-12) << row;
  }
}

}  // namespace
}  // namespace pop2piano
