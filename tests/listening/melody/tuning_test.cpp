// SPDX-License-Identifier: MIT
// TuningEstimator: silence, tones of known tuning, noise, a tape that slows down.
#include "listening/melody/tuning.h"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "sound/dsp/frequency_ratio.h"
#include "test_sounds.h"

namespace pop2piano {
namespace {

constexpr int kRate = 22050;

TuningEstimate estimate_of(std::span<const float> samples, std::size_t block = 65536) {
  ThreadPool pool(1);
  TuningEstimator estimator(kRate, pool);
  for (std::size_t at = 0; at < samples.size(); at += block) {
    estimator.push(samples.subspan(at, std::min(block, samples.size() - at)));
  }
  return estimator.estimate();
}

/// A melody of semitones, `cents(seconds)` above A = 440 Hz.
std::vector<float> melody(double seconds, const std::function<double(double)>& cents) {
  return testing::tone(seconds, kRate, [&](double t) {
    const int note = static_cast<int>(2 * t) * 5 % 12;
    return 220.0 * std::exp2(note / 12.0) * frequency_ratio(cents(t));
  });
}

TEST(Tuning, SilenceSaysNothing) {
  const TuningEstimate silent = estimate_of(std::vector<float>(5 * kRate, 0.0F));
  EXPECT_EQ(silent.cents, 0.0);
  EXPECT_EQ(silent.confidence, 0.0);
  EXPECT_EQ(estimate_of({}).confidence, 0.0);
}

// Partials 3, 5, 6 and 7 lie 2, -14, 2 and -31 cents from semitones; by their magnitudes the mean moves by 1 to 2
// cents.
TEST(Tuning, OfAMelodyIsFoundWithinThreeCents) {
  for (const double cents : {-45.0, -32.0, -10.0, 0.0, 7.0, 25.0, 40.0}) {
    const TuningEstimate found = estimate_of(melody(20, [&](double) { return cents; }));
    EXPECT_NEAR(found.cents, cents, 3.0);
    EXPECT_GT(found.confidence, 0.5);
    EXPECT_EQ(found.drift, 0.0);
  }
}

TEST(Tuning, OfNoiseIsUncertain) {
  std::mt19937 random(1);
  std::normal_distribution<float> level(0.0F, 0.2F);
  std::vector<float> noise(30 * kRate);
  for (float& sample : noise) sample = level(random);
  EXPECT_LT(estimate_of(noise).confidence, 0.05);
}

TEST(Tuning, OfATapeThatSlowsDownDrifts) {
  const TuningEstimate found = estimate_of(melody(120, [](double t) { return 70.0 - t; }));
  EXPECT_NEAR(found.drift, -120.0, 8.0);
}

TEST(Tuning, IsCorrectedBeyondSixCentsWhereItIsCertain) {
  EXPECT_EQ(correction_of({.cents = 5.9, .confidence = 0.4}), 0.0);
  EXPECT_EQ(correction_of({.cents = -31.6, .confidence = 0.4}), -32.0);
  EXPECT_EQ(correction_of({.cents = -31.6, .confidence = 0.09}), 0.0);
  const PitchContour contour = corrected({.times = {0.0, 0.1, 0.2}, .frequencies = {220.0, 0.0, -440.0}}, 1200.0);
  EXPECT_EQ(contour.frequencies, (std::vector<double>{110.0, 0.0, -220.0}));
}

TEST(Tuning, DoesNotDependOnTheBlocks) {
  const auto samples = melody(12, [](double) { return 20.0; });
  const TuningEstimate whole = estimate_of(samples);
  for (const std::size_t block : {777U, 4096U, 100000U}) {
    EXPECT_EQ(estimate_of(samples, block).cents, whole.cents) << block;
    EXPECT_EQ(estimate_of(samples, block).confidence, whole.confidence) << block;
  }
}

}  // namespace
}  // namespace pop2piano
