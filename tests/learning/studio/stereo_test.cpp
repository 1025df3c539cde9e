// SPDX-License-Identifier: MIT
// Tracks placed in two channels, and what the fold to one makes of them.
#include "learning/studio/stereo.h"

#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr double kRate = 22050;
constexpr std::size_t kSamples = 22050;

std::vector<float> sine(double hz) {
  std::vector<float> x(kSamples);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / kRate));
  }
  return x;
}

double rms(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * v;
  return std::sqrt(sum / static_cast<double>(x.size()));
}

Channels placed(const std::vector<float>& track, const StereoPlace& place, std::size_t channels = 2) {
  Channels mix(channels, std::vector<float>(track.size(), 0.0F));
  add_placed(track, place, kRate, Random(1), mix);
  return mix;
}

// Level of the fold against the track, after what begins the sound.
double fold_gain(double hz, const StereoPlace& place) {
  const auto track = sine(hz);
  const auto fold = folded(placed(track, place));
  return rms(std::span(fold).subspan(2000)) / rms(std::span(track).subspan(2000));
}

TEST(Stereo, OneChannelTakesTheTrackAsItIs) {
  const auto track = sine(440);
  const auto mix = placed(track, {.pan = 0.7, .widening = Widening::haas}, 1);
  ASSERT_EQ(mix.size(), 1U);
  EXPECT_EQ(mix[0], track);
  EXPECT_EQ(folded(mix), track);
}

TEST(Stereo, TheMiddleFoldsToItselfAndTheSidesToThreeDecibelsLess) {
  EXPECT_NEAR(fold_gain(440, {}), 1.0, 1e-5);
  for (const double pan : {-1.0, 1.0}) {
    const auto mix = placed(sine(440), {.pan = pan});
    EXPECT_LT(rms(mix[pan < 0 ? 1 : 0]), 1e-6);
    EXPECT_NEAR(fold_gain(440, {.pan = pan}), std::numbers::sqrt2 / 2, 1e-5);
  }
  // Constant power on the way.
  const auto half = placed(sine(440), {.pan = 0.5});
  EXPECT_NEAR(std::hypot(rms(half[0]), rms(half[1])), std::numbers::sqrt2 * rms(sine(440)), 1e-5);
  EXPECT_LT(rms(half[0]), rms(half[1]));
}

TEST(Stereo, ALateSideMakesAComb) {
  const StereoPlace place{.widening = Widening::haas, .delay_s = 0.010};  // 220 samples: 9.98 ms
  const double spacing = kRate / 220;
  EXPECT_LT(fold_gain(4.5 * spacing, place), 0.01);
  EXPECT_NEAR(fold_gain(4 * spacing, place), 1.0, 0.01);
  // Aside, the comb is shallower.
  EXPECT_GT(fold_gain(4.5 * spacing, {.pan = 0.5, .widening = Widening::haas, .delay_s = 0.010}), 0.1);
}

TEST(Stereo, PhaseDifferencesMakeADipAtTheirFrequency) {
  const StereoPlace place{.widening = Widening::phase, .phase_hz = 900};
  EXPECT_LT(fold_gain(900, place), 0.01);
  EXPECT_GT(fold_gain(60, place), 0.95);
  EXPECT_GT(fold_gain(9000, place), 0.95);
}

TEST(Stereo, ChorusesOfTheSidesDiffer) {
  const auto mix = placed(sine(440), {.widening = Widening::chorus});
  std::vector<float> difference(kSamples);
  for (std::size_t i = 0; i < kSamples; ++i) difference[i] = mix[0][i] - mix[1][i];
  EXPECT_GT(rms(difference), 0.1 * rms(mix[0]));
  EXPECT_GT(rms(mix[0]), 0.1);
  EXPECT_GT(rms(mix[1]), 0.1);
}

TEST(Stereo, SilenceStaysSilentAndShortTracksAreTaken) {
  for (const Widening widening : {Widening::none, Widening::haas, Widening::chorus, Widening::phase}) {
    const auto mix = placed(std::vector<float>(kSamples, 0.0F), {.pan = -0.3, .widening = widening});
    EXPECT_EQ(rms(mix[0]) + rms(mix[1]), 0.0);
    EXPECT_EQ(placed({0.5F}, {.widening = widening})[0].size(), 1U);
  }
}

}  // namespace
}  // namespace pop2piano
