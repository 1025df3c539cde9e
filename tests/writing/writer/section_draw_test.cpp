// SPDX-License-Identifier: MIT
// Noise is the same at the same place of a section's bars, another one in another section, and Gumbel's.
#include "writing/writer/section_draw.h"

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

constexpr DrawWeights kWeights{.onset = 1.0F, .pitch = 1.0F, .length = 1.0F};
constexpr int kBar = 4 * kStepsPerBeat;

class Draw : public ::testing::Test {
 protected:
  Draw() {
    song_.letters.assign(64, 1);
    std::fill(song_.letters.begin() + 32, song_.letters.end(), 2);
    song_.chords.assign(64, major(0));
  }
  /// What is added to the logits of a segment that begins at that bar, for an onset behind step 5 or a pitch at step 6.
  [[nodiscard]] std::vector<float> added(int bar, const DrawWeights& weights = kWeights) const {
    std::vector<float> logits(static_cast<std::size_t>(vocabulary_.size()), 0.0F);
    SectionDraw(song_, bar * kBar, weights).weigh(6, 6, vocabulary_, logits);
    return logits;
  }
  [[nodiscard]] std::vector<float> lengths(int bar, int pitch) const {
    std::vector<float> logits(static_cast<std::size_t>(vocabulary_.size()), 0.0F);
    SectionDraw(song_, bar * kBar, kWeights).weigh_durations(6, pitch, vocabulary_, logits);
    return logits;
  }
  [[nodiscard]] std::size_t pitch(int p) const {
    return static_cast<std::size_t>(vocabulary_.first_accompaniment + p - vocabulary_.lowest_pitch);
  }

  VoicesVocabulary vocabulary_;
  WriterSong song_ = made_up_song(64);
};

TEST_F(Draw, IsTheSameInEachBarOfASectionAndAnotherInAnother) {
  EXPECT_EQ(added(1), added(3));
  EXPECT_EQ(lengths(1, 48), lengths(3, 48));
  EXPECT_NE(added(1), added(8));
  EXPECT_NE(lengths(1, 48), lengths(8, 48));
  EXPECT_EQ(added(8), added(11));
}

TEST_F(Draw, CountsIntervalsAboveTheChordsRoot) {
  const auto before = added(1);
  const auto length = lengths(1, 48);
  song_.chords.assign(64, major(5));
  const auto after = added(1);
  for (int p = 36; p < 84; ++p) EXPECT_EQ(after[pitch(p + 5)], before[pitch(p)]);
  EXPECT_EQ(lengths(1, 53), length);
}

TEST_F(Draw, AnotherDrawIsAnother) {
  const auto before = added(1);
  song_.draw = 1;
  EXPECT_NE(added(1), before);
}

TEST_F(Draw, OnlyWhatMayFollowAndHasAWeight) {
  const auto logits = added(1, {.onset = 0.5F});
  for (int step = 0; step < vocabulary_.segment_steps(); ++step)
    EXPECT_EQ(logits[static_cast<std::size_t>(vocabulary_.first_position + step)] == 0.0F, step < 6);
  EXPECT_EQ(logits[pitch(48)], 0.0F);
  EXPECT_EQ(logits[static_cast<std::size_t>(kVoicesEnd)], 0.0F);
  std::vector<float> none(static_cast<std::size_t>(vocabulary_.size()), 0.0F);
  EXPECT_FALSE(SectionDraw(song_, 0, kWeights).weigh(-1, -1, vocabulary_, none));
  EXPECT_FALSE(SectionDraw(song_, 0, {}).weigh(0, 0, vocabulary_, none));
  EXPECT_FALSE(SectionDraw(song_, 0, {}).weigh_durations(0, 48, vocabulary_, none));
}

TEST_F(Draw, TheLargestIsADrawFromTheDistribution) {
  // Three pitches of chances .5, .3, .2: how often each is the largest over many draws.
  constexpr std::array<double, 3> kChances = {0.5, 0.3, 0.2};
  constexpr int kDraws = 4000;
  std::array<int, 3> counts{};
  for (int draw = 0; draw < kDraws; ++draw) {
    song_.draw = static_cast<std::uint64_t>(draw);
    const auto noise = added(0);
    std::size_t best = 0;
    const auto value = [&](std::size_t i) { return std::log(kChances[i]) + noise[pitch(48 + static_cast<int>(i))]; };
    for (std::size_t i = 1; i < kChances.size(); ++i) best = value(i) > value(best) ? i : best;
    ++counts[best];
  }
  for (std::size_t i = 0; i < kChances.size(); ++i) EXPECT_NEAR(counts[i] / double{kDraws}, kChances[i], 0.03);
}

}  // namespace
}  // namespace pop2piano
