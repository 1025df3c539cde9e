// SPDX-License-Identifier: MIT
// Noise is the same at the same place of a section's bars, another one in another section, and Gumbel's.
#include "writing/writer/length_draw.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "writing/writer/made_up_song.h"

namespace pop2piano {
namespace {

using testing::made_up_song;
using testing::major;

constexpr int kBar = 4 * kStepsPerBeat;

class Draw : public ::testing::Test {
 protected:
  Draw() {
    song_.letters.assign(64, 1);
    std::fill(song_.letters.begin() + 32, song_.letters.end(), 2);
    song_.chords.assign(64, major(0));
  }
  /// What is added to the logits of a segment that begins at that bar, for a note at step 6.
  [[nodiscard]] std::vector<float> added(int bar, int pitch = 48, double weight = 1.0) const {
    std::vector<float> logits(static_cast<std::size_t>(vocabulary_.size()), 0.0F);
    LengthDraw(song_, bar * kBar, weight).weigh(6, pitch, vocabulary_, logits);
    return logits;
  }
  [[nodiscard]] std::size_t length(std::size_t i) const {
    return static_cast<std::size_t>(vocabulary_.first_duration) + i;
  }

  VoicesVocabulary vocabulary_;
  WriterSong song_ = made_up_song(64);
};

TEST_F(Draw, IsTheSameInEachBarOfASectionAndAnotherInAnother) {
  EXPECT_EQ(added(1), added(3));
  EXPECT_NE(added(1), added(8));
  EXPECT_EQ(added(8), added(11));
}

TEST_F(Draw, CountsIntervalsAboveTheChordsRoot) {
  const auto before = added(1);
  EXPECT_NE(added(1, 53), before);
  song_.chords.assign(64, major(5));
  EXPECT_EQ(added(1, 53), before);
}

TEST_F(Draw, AnotherDrawIsAnother) {
  const auto before = added(1);
  song_.draw = 1;
  EXPECT_NE(added(1), before);
}

TEST_F(Draw, OnlyLengthsAndAsMuchAsTheWeightSays) {
  const auto whole = added(1), half = added(1, 48, 0.5);
  for (std::size_t i = 0; i < vocabulary_.durations.size(); ++i)
    EXPECT_FLOAT_EQ(half[length(i)], whole[length(i)] / 2.0F);
  for (std::size_t i = 0; i < length(0); ++i) EXPECT_EQ(whole[i], 0.0F);
  std::vector<float> none(static_cast<std::size_t>(vocabulary_.size()), 0.0F);
  EXPECT_FALSE(LengthDraw(song_, 0, 0.0).weigh(0, 48, vocabulary_, none));
}

TEST_F(Draw, TheLargestIsADrawFromTheDistribution) {
  // Three lengths of chances .5, .3, .2: how often each is the largest over many draws.
  constexpr std::array<double, 3> kChances = {0.5, 0.3, 0.2};
  constexpr int kDraws = 4000;
  std::array<int, 3> counts{};
  for (int draw = 0; draw < kDraws; ++draw) {
    song_.draw = static_cast<std::uint64_t>(draw);
    const auto noise = added(0);
    std::size_t best = 0;
    const auto value = [&](std::size_t i) { return std::log(kChances[i]) + noise[length(i)]; };
    for (std::size_t i = 1; i < kChances.size(); ++i) best = value(i) > value(best) ? i : best;
    ++counts[best];
  }
  for (std::size_t i = 0; i < kChances.size(); ++i) EXPECT_NEAR(counts[i] / double{kDraws}, kChances[i], 0.03);
}

}  // namespace
}  // namespace pop2piano
