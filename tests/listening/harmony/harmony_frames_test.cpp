// SPDX-License-Identifier: MIT
// The spectrum that the harmony is heard in: silence, tones of known pitch, blocks and threads.
#include "listening/harmony/harmony_frames.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "listening/harmony/harmony_network.h"
#include "test_sounds.h"

namespace pop2piano {
namespace {

const std::vector<double> kBeats{0.0, 0.5, 1.0, 1.5, 2.0};

Matrix<std::uint8_t> frames_of(const std::vector<float>& samples, std::size_t block, int threads) {
  ThreadPool pool(threads);
  HarmonyFrameExtractor extractor(kBeats, 1.0F, pool);
  for (std::size_t at = 0; at < samples.size(); at += block)
    extractor.push(std::span(samples).subspan(at, std::min(block, samples.size() - at)));
  return extractor.finish();
}

std::vector<float> sine(double midi) {
  const double hertz = 440.0 * std::exp2((midi - 69.0) / 12.0);
  return testing::tone(
      2.0, kHarmonySampleRate, [&](double) { return hertz; }, 1);
}

TEST(HarmonyFrames, FourOfEachBeatAndOneOfTheLast) {
  const auto frames = frames_of(sine(60), 100000, 1);
  EXPECT_EQ(frames.rows(), 17U);
  EXPECT_EQ(frames.columns(), kHarmonyBands);
}

TEST(HarmonyFrames, SilenceIsTheFloor) {
  const auto frames = frames_of(std::vector<float>(44100, 0.0F), 4096, 1);
  const auto floor =
      static_cast<std::uint8_t>(std::lround((std::log(1e-6) + kHarmonyLevelZero) * kHarmonyLevelsPerUnit));
  for (const std::uint8_t level : frames.flat()) ASSERT_EQ(level, floor);
}

// A semitone apart in the lowest octave: the window tells E1 from F1 by the tone alone, and a third of a semitone from
// C3 on.
TEST(HarmonyFrames, APitchIsItsBand) {
  for (const int pitch : {28, 29, 36, 40, 48, 60, 79, 95}) {
    const auto frames = frames_of(sine(pitch), 100000, 1);
    const auto row = frames.row(8);
    const auto loudest = std::ranges::max_element(row) - row.begin();
    const auto band = (pitch - kLowestHarmonyPitch) * static_cast<int>(kBandsPerSemitone) + 1;
    EXPECT_NEAR(static_cast<double>(loudest), band, pitch < 48 ? 1.0 : 0.0) << pitch;
  }
  EXPECT_GT(frames_of(sine(28), 100000, 1)(8, 13), frames_of(sine(29), 100000, 1)(8, 13));
}

TEST(HarmonyFrames, AreTheSameInBlocksAndOnThreads) {
  const auto sound = testing::tone(2.0, kHarmonySampleRate, [](double t) { return 110.0 + 40.0 * t; });
  const auto whole = frames_of(sound, sound.size(), 1);
  EXPECT_TRUE(std::ranges::equal(whole.flat(), frames_of(sound, 1000, 1).flat()));
  EXPECT_TRUE(std::ranges::equal(whole.flat(), frames_of(sound, 7777, 3).flat()));
}

// A song's own level and colour are taken away: twice as loud, or through a slow equaliser, it is heard alike.
TEST(HarmonyInputs, DoNotDependOnALevel) {
  auto quiet = frames_of(testing::tone(2.0, kHarmonySampleRate, [](double) { return 220.0; }), 44100, 1);
  auto loud = quiet;
  for (std::uint8_t& level : loud.flat()) level = static_cast<std::uint8_t>(level + 10);
  std::vector<float> a(kHarmonyBands), b(kHarmonyBands);
  relative_levels(quiet.row(5), harmony_mean(quiet.view()), a);
  relative_levels(loud.row(5), harmony_mean(loud.view()), b);
  for (std::size_t band = 0; band < kHarmonyBands; ++band) ASSERT_NEAR(a[band], b[band], 1e-4) << band;
}

TEST(ChordKinds, EachIsNearestToItselfAndOthersToTheirTriad) {
  for (std::size_t kind = 0; kind < kChordKinds.size(); ++kind) EXPECT_EQ(nearest_kind(kChordKinds[kind].notes), kind);
  EXPECT_EQ(kChordKinds[nearest_kind(0b0000'1001'0001 | 1U << 2)].name, "maj");  // add9
  EXPECT_EQ(kChordKinds[nearest_kind(0b1000'1000'1001)].name, "min");            // minmaj7
  EXPECT_EQ(kChordKinds[nearest_kind(0b0010'0100'1001)].name, "dim");            // dim7
}

}  // namespace
}  // namespace pop2piano
