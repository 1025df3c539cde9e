// SPDX-License-Identifier: MIT
#include "listening/pulse/bar_chances.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

// 100 frames a second, a beat every half second, downbeat evidence of each by `heard` (index of the beat).
template <typename Heard>
BeatEvidence heard_as(std::size_t beats, const Heard& heard) {
  BeatEvidence evidence;
  evidence.resize(beats * 50);
  for (std::size_t b = 0; b < beats; ++b) evidence.downbeat[b * 50] = static_cast<float>(heard(b));
  return evidence;
}

std::vector<std::size_t> frames_of(std::size_t beats) {
  std::vector<std::size_t> frames;
  for (std::size_t b = 0; b < beats; ++b) frames.push_back(b * 50);
  return frames;
}

double chance_of(const BarChances& chances, int metre, int first) {
  for (const auto& count : chances.counts) {
    if (count.beats_per_bar == metre && count.first == first) return count.chance;
  }
  return -1.0;
}

TEST(BarChances, APlaceInTheBarIsHeardOfItsOwnColumn) {
  BeatEvidence evidence;
  evidence.resize(1);
  evidence.downbeat[0] = 1;
  evidence.middle[0] = 2;
  evidence.backbeat[0] = 4;
  evidence.waltz[0] = 8;
  const auto places = [&](int metre) {
    std::vector<float> heard;
    for (int number = 1; number <= metre; ++number) heard.push_back(place_in_bar(evidence, 0, metre, number));
    return heard;
  };
  EXPECT_EQ(places(2), (std::vector<float>{1, 0}));
  EXPECT_EQ(places(3), (std::vector<float>{1, 8, 8}));
  EXPECT_EQ(places(4), (std::vector<float>{1, 4, 2, 4}));
  EXPECT_EQ(places(5), (std::vector<float>{1, 0, 0, 0, 0}));
  EXPECT_EQ(place_in_bar(evidence, 1, 4, 1), 0);
}

TEST(BarChances, TwoDownbeatsHeardAlikeAreAsLikely) {
  const auto evidence = heard_as(64, [](std::size_t b) { return b % 2 == 0 ? 2.0 : -4.0; });
  const auto chances = weigh_bars(evidence, frames_of(64), {.metres = {4}, .costs = {}});
  for (std::size_t b = 8; b < 56; ++b) EXPECT_NEAR(chances.downbeat[b], b % 2 == 0 ? 0.5 : 0.0, 0.03) << b;
  EXPECT_NEAR(chance_of(chances, 4, 0), chance_of(chances, 4, 2), 0.02);
}

TEST(BarChances, ClearBarsAreNearlyCertain) {
  for (const int metre : {2, 3, 4, 5, 6}) {
    const auto evidence =
        heard_as(60, [&](std::size_t b) { return b % static_cast<std::size_t>(metre) == 1 ? 6.0 : -4.0; });
    const auto chances = weigh_bars(evidence, frames_of(60), {});
    EXPECT_GT(chance_of(chances, metre, 1), 0.8) << metre;
  }
}

TEST(BarChances, WithoutEvidenceEveryCountIsPossible) {
  const auto chances =
      weigh_bars(heard_as(120, [](std::size_t) { return 0.0; }), frames_of(120), {.metres = {4}, .costs = {}});
  for (const float chance : chances.downbeat) EXPECT_NEAR(chance, 0.25, 1e-6);
}

TEST(BarChances, AllCountsTogetherAreOne) {
  const auto evidence = heard_as(50, [](std::size_t b) { return std::sin(static_cast<double>(b * b)) * 3; });
  for (const std::size_t beats : {1, 2, 7, 50}) {
    const auto chances = weigh_bars(evidence, frames_of(beats), {});
    const double sum = std::accumulate(chances.counts.begin(), chances.counts.end(), 0.0,
                                       [](double s, const auto& count) { return s + count.chance; });
    EXPECT_NEAR(sum, 1.0, 1e-9);
    EXPECT_EQ(chances.downbeat.size(), beats);
  }
  EXPECT_TRUE(weigh_bars(evidence, {}, {}).counts.empty());
}

// An hour of beats of endless evidence must not run out of numbers.
TEST(BarChances, LongAndExtremeEvidenceStaysFinite) {
  const auto evidence = heard_as(8000, [](std::size_t b) { return b % 4 == 0 ? 1e4 : -1e4; });
  for (const float chance : weigh_bars(evidence, frames_of(8000), {}).downbeat) {
    ASSERT_TRUE(chance >= 0.0F && chance <= 1.0F) << chance;
  }
}

}  // namespace
}  // namespace pop2piano
