// SPDX-License-Identifier: MIT
// What is heard as a melody: spectral peaks, MELODIA, pYIN.
#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "listening/melody/melodia.h"
#include "listening/melody/pyin.h"
#include "listening/melody/spectral_peaks.h"
#include "test_sounds.h"

namespace pop2piano {
namespace {

using testing::mixed;
using testing::tone;

constexpr int kRate = 22050;

std::vector<float> silence(double seconds) {
  return std::vector<float>(static_cast<std::size_t>(seconds * kRate), 0.0F);
}

std::vector<float> noise(double seconds, double amplitude) {
  Random random(5);
  std::vector<float> samples(static_cast<std::size_t>(seconds * kRate));
  for (float& sample : samples) sample = static_cast<float>(amplitude * random.normal());
  return samples;
}

double cents_between(double a, double b) { return 1200.0 * std::log2(a / b); }

TEST(SpectralPeaks, FindASineBetweenBins) {
  SpectralPeakFinder finder({kRate, 2048, 4096, 40.0, 5000.0});
  for (const double frequency : {110.3, 440.0, 997.7, 3210.9}) {
    const auto samples = tone(
        0.5, kRate, [&](double) { return frequency; }, 1, 0.5);
    const auto peaks = finder.find(samples, kRate / 4);
    const auto largest = std::max_element(peaks.begin(), peaks.end(),
                                          [](const auto& a, const auto& b) { return a.magnitude < b.magnitude; });
    ASSERT_NE(largest, peaks.end());
    EXPECT_NEAR(largest->frequency, frequency, 0.3);
    EXPECT_NEAR(largest->magnitude, 0.5, 0.01);
  }
}

TEST(SpectralPeaks, SilenceHasNoneAndTheRangeIsChecked) {
  SpectralPeakFinder finder({kRate, 2048, 4096, 40.0, 5000.0});
  EXPECT_TRUE(finder.find(silence(0.5), 1000).empty());
  EXPECT_TRUE(finder.find({}, 0).empty());
  EXPECT_THROW(SpectralPeakFinder({kRate, 4096, 2048, 40.0, 5000.0}), Error);
  EXPECT_THROW(SpectralPeakFinder({kRate, 2048, 4096, 40.0, 20000.0}), Error);
}

// Share of voiced frames of the truth that are within 50 cents.
double share_right(const PitchContour& contour, const std::function<double(double)>& truth) {
  double right = 0.0, all = 0.0;
  for (std::size_t k = 0; k < contour.times.size(); ++k) {
    const double f = truth(contour.times[k]);
    if (f <= 0.0) continue;
    all += 1.0;
    right += contour.frequencies[k] > 0.0 && std::abs(cents_between(contour.frequencies[k], f)) < 50.0;
  }
  return all > 0.0 ? right / all : 0.0;
}

// A melody of four notes with vibrato and rests between.
double melody(double t) {
  constexpr double kNotes[] = {392.0, 440.0, 493.9, 523.3};
  const double within = std::fmod(t, 1.0);
  if (within > 0.8) return 0.0;
  return kNotes[static_cast<std::size_t>(t) % 4] * std::exp2(0.3 / 12.0 * std::sin(2.0 * 3.14159265 * 5.5 * t));
}

TEST(Melodia, FollowsAMelodyOverBassAndNoise) {
  ThreadPool pool(2);
  const auto bass = tone(
      8.0, kRate, [](double t) { return t < 4.0 ? 98.0 : 110.0; }, 6, 0.15);
  const auto sound = mixed(mixed(tone(8.0, kRate, melody), bass), noise(8.0, 0.003));
  const PitchContour contour = extract_melody(sound, pool);
  EXPECT_GT(share_right(contour, melody), 0.9);
}

TEST(Melodia, SilenceIsUnvoiced) {
  ThreadPool pool(1);
  const PitchContour contour = extract_melody(silence(2.0), pool);
  EXPECT_EQ(contour.times.size(), 201u);  // 10 ms frames
  EXPECT_TRUE(std::all_of(contour.frequencies.begin(), contour.frequencies.end(), [](double f) { return f == 0.0; }));
  EXPECT_TRUE(extract_melody({}, pool).times.empty());
}

TEST(Melodia, DoesNotDependOnTheNumberOfThreads) {
  ThreadPool one(1), three(3);
  const auto sound = mixed(tone(4.0, kRate, melody), noise(4.0, 0.01));
  EXPECT_EQ(extract_melody(sound, one).frequencies, extract_melody(sound, three).frequencies);
}

TEST(Pyin, FindsSteadyTonesToATenthOfASemitone) {
  ThreadPool pool(2);
  for (const double frequency : {82.4, 130.8, 220.0, 440.0, 783.99}) {
    const auto result = track_voice(tone(0.6, kRate, [&](double) { return frequency; }), pool);
    const std::size_t middle = result.contour.times.size() / 2;
    ASSERT_GT(result.contour.frequencies[middle], 0.0) << frequency;
    EXPECT_LT(std::abs(cents_between(result.contour.frequencies[middle], frequency)), 6.0) << frequency;
    EXPECT_GT(result.voiced_probability[middle], 0.9) << frequency;
  }
}

TEST(Pyin, FollowsVibratoAndRests) {
  ThreadPool pool(2);
  const auto result = track_voice(mixed(tone(4.0, kRate, melody), noise(4.0, 0.001)), pool);
  EXPECT_GT(share_right(result.contour, melody), 0.93);
  double silent = 0.0, voiced = 0.0;
  for (std::size_t k = 0; k < result.contour.times.size(); ++k) {
    const double within = std::fmod(result.contour.times[k], 1.0);
    if (within < 0.87 || within > 0.95) continue;
    silent += 1.0;
    voiced += result.contour.frequencies[k] > 0.0;
  }
  EXPECT_LT(voiced / silent, 0.3);
}

TEST(Pyin, SilenceIsUnvoicedAndTheRangeIsChecked) {
  ThreadPool pool(1);
  const auto result = track_voice(silence(1.0), pool);
  EXPECT_TRUE(std::all_of(result.contour.frequencies.begin(), result.contour.frequencies.end(),
                          [](double f) { return f == 0.0; }));
  EXPECT_TRUE(track_voice({}, pool).contour.times.empty());
  EXPECT_THROW(track_voice(silence(0.1), pool, {.lowest = 500.0, .highest = 100.0}), Error);
  EXPECT_THROW(track_voice(silence(0.1), pool, {.highest = 20000.0}), Error);
  EXPECT_THROW(track_voice(silence(0.1), pool, {.lowest = 5000.0, .highest = 6000.0, .frame_samples = 6}), Error);
}

}  // namespace
}  // namespace pop2piano
