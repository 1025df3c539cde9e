// SPDX-License-Identifier: MIT
#include "learning/studio/tape_speed.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr std::size_t kSamples = 4000;

// `frequency` of the rate.
std::vector<float> sine(double frequency) {
  std::vector<float> samples(kSamples);
  for (std::size_t i = 0; i < kSamples; ++i)
    samples[i] = static_cast<float>(std::sin(2 * std::numbers::pi * frequency * static_cast<double>(i)));
  return samples;
}

TEST(TapeSpeed, LeavesSilenceSilent) {
  const auto out = at_tape_speed(std::vector<float>(kSamples, 0.0F), 1.25);
  EXPECT_EQ(out.size(), kSamples * 4 / 5);
  EXPECT_EQ(std::ranges::count(out, 0.0F), static_cast<std::ptrdiff_t>(out.size()));
}

TEST(TapeSpeed, RaisesASineByAsMuch) {
  for (const double speed : {0.65, 1.0, 1.3, 1.8}) {
    const auto out = at_tape_speed(sine(0.02), speed);
    ASSERT_EQ(out.size(), static_cast<std::size_t>(kSamples / speed));
    for (std::size_t n = 50; n + 50 < out.size(); ++n)
      ASSERT_NEAR(out[n], std::sin(2 * std::numbers::pi * 0.02 * speed * static_cast<double>(n)), 0.02) << speed;
  }
}

TEST(TapeSpeed, RemovesWhatWouldBeFolded) {
  const auto out = at_tape_speed(sine(0.4), 1.6);  // 0.64 of the rate
  for (const float sample : out) ASSERT_LT(std::abs(sample), 0.05F);
}

TEST(TapeSpeed, TakesShortSounds) {
  EXPECT_TRUE(at_tape_speed({}, 1.1).empty());
  EXPECT_EQ(at_tape_speed({1.0F, 1.0F, 1.0F}, 1.0), std::vector<float>(3, 0.0F));
}

}  // namespace
}  // namespace pop2piano
