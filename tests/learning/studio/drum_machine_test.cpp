// SPDX-License-Identifier: MIT
#include "learning/studio/drum_machine.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "learning/studio/effects.h"

namespace pop2piano {
namespace {

constexpr double kRate = 22050;
constexpr std::size_t kSamples = 22050;

double energy(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * v;
  return sum;
}

// Share of the energy that a filter lets through.
double share_through(std::vector<float> x, const FilterDesign& design) {
  const double all = energy(x);
  apply_filter(x, design, kRate);
  return energy(x) / all;
}

std::vector<float> one_hit(DrumSound sound, const DrumMachineOptions& options, double time = 0.1) {
  const DrumHit hit{.time = time, .sound = sound};
  return play_drum_machine(std::span(&hit, 1), kSamples, kRate, options);
}

TEST(DrumMachine, IsSilentWithoutHitsAndBeforeThem) {
  EXPECT_EQ(energy(play_drum_machine({}, kSamples, kRate, {})), 0.0);
  const auto kick = one_hit(DrumSound::kick, {}, 0.5);
  EXPECT_EQ(energy(std::span(kick).first(11025)), 0.0);
  EXPECT_GT(energy(std::span(kick).subspan(11025, 2000)), 1.0);
}

TEST(DrumMachine, HitsOutsideTheSoundAreLeftOut) {
  EXPECT_EQ(energy(one_hit(DrumSound::snare, {}, -0.2)), 0.0);
  EXPECT_EQ(energy(one_hit(DrumSound::snare, {}, 1.5)), 0.0);
  EXPECT_GT(energy(one_hit(DrumSound::snare, {}, 0.999)), 0.0);
}

TEST(DrumMachine, KicksAreLowHatsAreHighWhateverIsDrawn) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const DrumMachineOptions options = draw_drum_machine(random);
    EXPECT_GT(share_through(one_hit(DrumSound::kick, options), {.kind = FilterKind::low_pass, .frequency = 300}), 0.5);
    const auto hat = one_hit(DrumSound::closed_hat, options);
    EXPECT_GT(share_through(hat, {.kind = FilterKind::high_pass, .frequency = 4000}), 0.8) << seed;
    // The open hat still sounds when the closed one is over.
    const auto open = one_hit(DrumSound::open_hat, options);
    const auto tail = [](const std::vector<float>& x) { return energy(std::span(x).subspan(4000)) / energy(x); };
    EXPECT_GT(tail(open), 10 * tail(hat)) << seed;
  }
}

TEST(DrumMachine, EveryMachineSoundsAnotherWayAndEachAlwaysTheSame) {
  Random random(4);
  const DrumMachineOptions one = draw_drum_machine(random), other = draw_drum_machine(random);
  for (std::size_t s = 0; s < kDrumSoundCount; ++s) {
    const auto sound = static_cast<DrumSound>(s);
    EXPECT_EQ(one_hit(sound, one), one_hit(sound, one));
    EXPECT_NE(one_hit(sound, one), one_hit(sound, other)) << s;
    for (const float x : one_hit(sound, one)) ASSERT_TRUE(std::isfinite(x));
  }
}

TEST(DrumMachine, StrengthIsLoudness) {
  const DrumHit soft{.time = 0.1, .sound = DrumSound::snare, .strength = 0.5};
  const auto quiet = play_drum_machine(std::span(&soft, 1), kSamples, kRate, {});
  EXPECT_NEAR(energy(quiet) / energy(one_hit(DrumSound::snare, {})), 0.25, 1e-3);
}

}  // namespace
}  // namespace pop2piano
