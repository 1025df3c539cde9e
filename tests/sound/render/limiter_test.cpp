// SPDX-License-Identifier: MIT
#include "sound/render/limiter.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

const float kCeiling = std::pow(10.0F, -1.0F / 20.0F);

std::vector<float> limited(const std::vector<float>& in, const LimiterOptions& options, std::size_t block = 1000) {
  Limiter limiter(options);
  std::vector<float> out;
  for (std::size_t i = 0; i < in.size(); i += block) {
    limiter.push(std::span(in).subspan(i, std::min(block, in.size() - i)), out);
  }
  limiter.finish(out);
  return out;
}

TEST(Limiter, WhatIsSoftPassesUnchanged) {
  Random random(1);
  std::vector<float> in;
  for (int i = 0; i < 10000; ++i) in.push_back(static_cast<float>(random.uniform(-0.89, 0.89)));
  EXPECT_EQ(limited(in, {.channels = 2}), in);
  EXPECT_EQ(limited(std::vector<float>(5000, 0.0F), {.channels = 1}), std::vector<float>(5000, 0.0F));
}

TEST(Limiter, AConstantBecomesTheCeiling) {
  for (const float level : {1.0F, 4.0F, 1000.0F}) {
    const auto out = limited(std::vector<float>(2000, level), {.channels = 1});
    ASSERT_EQ(out.size(), 2000U);
    for (const float sample : out) ASSERT_NEAR(sample, kCeiling, 1e-5F);
  }
}

TEST(Limiter, NothingExceedsTheCeilingAndNothingIsLost) {
  Random random(2);
  std::vector<float> in;
  for (int i = 0; i < 40000; ++i) in.push_back(static_cast<float>(random.normal() * (i % 7000 < 3000 ? 3.0 : 0.1)));
  const auto out = limited(in, {.channels = 2});
  ASSERT_EQ(out.size(), in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    ASSERT_LE(std::abs(out[i]), kCeiling) << i;
    ASSERT_LE(std::abs(out[i]), std::abs(in[i])) << i;
    ASSERT_GE(out[i] * in[i], 0.0F) << i;
  }
}

// One peak of 4 in a soft constant: the gain falls to ceiling/4 at the peak, starts to fall no earlier than the
// look-ahead, and after one time constant of the release 1 - 1/e of the loss is made up (the mean lags by half the
// look-ahead).
TEST(Limiter, GainFollowsAPeakAsStated) {
  const LimiterOptions options{.sample_rate = 10000, .channels = 1, .lookahead = 0.01, .release = 0.1};
  std::vector<float> in(5000, 0.1F);
  in[2000] = 4.0F;
  const auto out = limited(in, options);
  EXPECT_EQ(out[1900], 0.1F);
  EXPECT_LT(out[1990], 0.1F);
  EXPECT_NEAR(out[2000], kCeiling, 1e-5F);
  const double loss = 1.0 - static_cast<double>(kCeiling) / 4.0;
  const double after = 1.0 - static_cast<double>(out[2000 + 1000 + 50]) / 0.1;
  EXPECT_NEAR(after, loss / std::exp(1.0), 0.01);
}

TEST(Limiter, ChannelsShareTheGain) {
  std::vector<float> in;
  for (int i = 0; i < 1000; ++i) in.insert(in.end(), {2.0F, 0.5F});
  const auto out = limited(in, {.channels = 2});
  for (std::size_t i = 0; i < out.size(); i += 2) ASSERT_NEAR(out[i], 4.0F * out[i + 1], 1e-5F);
}

TEST(Limiter, BlocksDoNotMatter) {
  Random random(3);
  std::vector<float> in;
  for (int i = 0; i < 5000; ++i) in.push_back(static_cast<float>(random.normal() * (i % 1700 < 1200 ? 0.1 : 1.0)));
  const auto whole = limited(in, {.channels = 2}, 5000);
  EXPECT_EQ(limited(in, {.channels = 2}, 2), whole);
  EXPECT_EQ(limited(in, {.channels = 2}, 998), whole);
}

TEST(Limiter, StreamsShorterThanTheLookAhead) {
  EXPECT_TRUE(limited({}, {.channels = 1}).empty());
  EXPECT_EQ(limited({0.5F}, {.channels = 1}), std::vector<float>{0.5F});
  const auto out = limited({2.0F, 0.25F}, {.channels = 1});
  ASSERT_EQ(out.size(), 2U);
  EXPECT_NEAR(out[0], kCeiling, 1e-5F);
}

TEST(Limiter, RefusesWhatMakesNoSense) {
  EXPECT_THROW(Limiter({.channels = 0}), Error);
  EXPECT_THROW(Limiter({.sample_rate = 0}), Error);
  EXPECT_THROW(Limiter({.ceiling_db = 1.0}), Error);
  EXPECT_THROW(Limiter({.lookahead = -1.0}), Error);
  EXPECT_THROW(Limiter({.release = 0.0}), Error);
}

}  // namespace
}  // namespace pop2piano
