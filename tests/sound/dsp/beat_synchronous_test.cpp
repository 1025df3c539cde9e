// SPDX-License-Identifier: MIT
#include "sound/dsp/beat_synchronous.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "wav_fixture.h"

namespace pop2piano {
namespace {

const std::string kSeed = POP2PIANO_TEST_DATA "/seed/";

Matrix<float> extract(const std::vector<float>& samples, const std::vector<double>& times, float gain, int threads,
                      std::size_t block) {
  ThreadPool pool(threads);
  BeatSynchronousExtractor extractor({.gain = gain}, times, pool);
  for (std::size_t at = 0; at < samples.size(); at += block) {
    extractor.push(std::span(samples).subspan(at, std::min(block, samples.size() - at)));
  }
  return extractor.finish();
}

TEST(BeatSynchronous, AgreesWithTheSeedsFeatures) {
  const auto samples = testing::mono_wav(kSeed + "clip.wav");
  const auto expected = nlohmann::json::parse(std::ifstream(kSeed + "expected.json"));
  const auto reference = testing::floats_of(kSeed + "features.f32");  // [4, 144, 512]
  const std::vector<double> beats = expected.at("beats");
  float peak = 0;
  for (const float x : samples) peak = std::max(peak, std::abs(x));
  auto frames = extract(samples, step_times_of(beats, 12), 0.7F / peak, 2, 5000);
  ASSERT_EQ(frames.rows(), 385U);
  normalise_song(frames, {});
  double worst = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    const auto step = static_cast<std::ptrdiff_t>(i / 512 / 144 * 96 + i / 512 % 144) - 24;
    const bool inside = step >= 0 && step < static_cast<std::ptrdiff_t>(frames.rows());
    const float value = inside ? frames(static_cast<std::size_t>(step), i % 512) : -3.0F;
    worst = std::max(worst, std::abs(double{value} - double{reference[i]}));
  }
  EXPECT_LT(worst, 2e-3);
}

TEST(BeatSynchronous, StepTimesAreTheReferences) {
  const auto expected = nlohmann::json::parse(std::ifstream(kSeed + "expected.json"));
  const std::vector<double> times = expected.at("step_times");
  const auto ours = step_times_of(expected.at("beats").get<std::vector<double>>(), 12);
  ASSERT_EQ(ours.size(), times.size());
  for (std::size_t i = 0; i < times.size(); ++i) EXPECT_NEAR(ours[i], times[i], 1e-9);
}

TEST(BeatSynchronous, SilenceGivesTheFloorAndNormalisesToZero) {
  auto frames = extract(std::vector<float>(30000, 0.0F), {0.0, 0.5, 1.0}, 1.0F, 1, 30000);
  for (const float value : frames.flat()) EXPECT_FLOAT_EQ(value, std::log(1e-6F));
  normalise_song(frames, {});
  for (const float value : frames.flat()) EXPECT_NEAR(value, 0.0F, 1e-5);
}

TEST(BeatSynchronous, ToneStandsInItsBandAndZerosLieOutside) {
  std::vector<float> tone(44100);
  for (std::size_t n = 0; n < tone.size(); ++n) {
    tone[n] = static_cast<float>(std::sin(2 * std::numbers::pi * 1000 * static_cast<double>(n) / 22050));
  }
  const auto frames = extract(tone, {-1.0, 1.0, 9.0}, 1.0F, 2, 1000);
  const auto row = frames.row(1);
  const auto loudest = std::max_element(row.begin(), row.end()) - row.begin();
  // 1000 Hz in HTK mel between the corners of 10 and 11025 Hz cut into 513 steps.
  const auto mel = [](double hz) { return 2595 * std::log10(1 + hz / 700); };
  EXPECT_NEAR(static_cast<double>(loudest) + 1, (mel(1000) - mel(10)) / (mel(11025) - mel(10)) * 513, 1.0);
  EXPECT_FLOAT_EQ(*std::max_element(frames.row(0).begin(), frames.row(0).end()), std::log(1e-6F));
  EXPECT_FLOAT_EQ(*std::max_element(frames.row(2).begin(), frames.row(2).end()), std::log(1e-6F));
}

TEST(BeatSynchronous, DoesNotDependOnThreadsOrBlocks) {
  std::vector<float> noise(700000);
  std::uint32_t state = 1;
  for (float& x : noise) x = static_cast<float>((state = state * 1664525U + 1013904223U) >> 16) / 65536.0F - 0.5F;
  std::vector<double> times;
  for (int i = 0; i < 400; ++i) times.push_back(0.08 * i);
  const auto one = extract(noise, times, 0.5F, 1, 700000);
  const auto many = extract(noise, times, 0.5F, 3, 777);
  EXPECT_TRUE(std::equal(one.flat().begin(), one.flat().end(), many.flat().begin()));
}

}  // namespace
}  // namespace pop2piano
