// SPDX-License-Identifier: MIT
#include "listening/rhythm/bar_evidence.h"

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "listening/rhythm/beat_input.h"

namespace pop2piano {
namespace {

constexpr std::size_t kInterval = 50;  // frames to a beat; evidence and bands at one rate
const BeatDecoderOptions kMetres{.metre_change = 25, .metres = {3, 4}, .metre_costs = {}};

std::vector<std::size_t> frames_of(std::size_t beats) {
  std::vector<std::size_t> frames;
  for (std::size_t b = 0; b < beats; ++b) frames.push_back(b * kInterval);
  return frames;
}

BeatEvidence silent_evidence(std::size_t beats) {
  BeatEvidence evidence;
  evidence.frame_rate = kBeatInputRate;
  evidence.resize(beats * kInterval);
  return evidence;
}

// Chords of one pitch class each, another one every four beats from `first` on.
Matrix<std::uint8_t> harmony_of(std::size_t beats, std::size_t first, std::size_t column) {
  Matrix<std::uint8_t> harmony(beats * kInterval / kFramesPerHarmony, kHarmonyInputs, 0);
  for (std::size_t t = 0; t < harmony.rows(); ++t) {
    const std::size_t beat = t * kFramesPerHarmony / kInterval;
    harmony(t, column + (beat + 4 - first) / 4 * 5 % 12) = 255;
  }
  return harmony;
}

std::string counted(const BeatEvidence& evidence, std::size_t beats, const BeatDecoderOptions& options,
                    double short_bar) {
  DecodedBeats decoded;
  for (const std::size_t frame : frames_of(beats)) decoded.beats.push_back({.frame = frame, .number = 1, .metre = 4});
  count_bars(evidence, options, short_bar, decoded);
  std::string numbers;
  for (const DecodedBeat& beat : decoded.beats) numbers += std::to_string(beat.number);
  return numbers;
}

// What speaks for a first beat at each beat, "x" for it, "." against it.
BeatEvidence heard_as(const std::string& beats) {
  BeatEvidence evidence = silent_evidence(beats.size());
  for (std::size_t b = 0; b < beats.size(); ++b) evidence.downbeat[b * kInterval] = beats[b] == 'x' ? 4.0F : -4.0F;
  return evidence;
}

TEST(BarEvidence, ChordsThatChangeStandOut) {
  const auto inputs = bar_inputs(harmony_of(64, 2, kHarmonyChanges + 12).view(), silent_evidence(64), frames_of(64));
  for (std::size_t b = 16; b < 48; ++b) {
    EXPECT_EQ(inputs(b, 0), 1.0F);
    EXPECT_EQ(inputs(b, 2) > 1.0F, b % 4 == 2) << b;  // over one beat
    EXPECT_EQ(inputs(b, 4) > 0.5F, b % 4 == 2) << b;  // over four
    EXPECT_EQ(inputs(b, 5), 0.0F) << b;               // there is no bass
  }
}

TEST(BarEvidence, ABassThatChangesDoesToo) {
  const auto inputs = bar_inputs(harmony_of(64, 1, kHarmonyChanges).view(), silent_evidence(64), frames_of(64));
  for (std::size_t b = 16; b < 48; ++b) EXPECT_EQ(inputs(b, 5) > 1.0F, b % 4 == 1) << b;
}

TEST(BarEvidence, SilenceAndDronesSayNothing) {
  Matrix<std::uint8_t> drone(400, kHarmonyInputs, 0);
  for (const auto& harmony : {drone, Matrix<std::uint8_t>(400, kHarmonyInputs, 200), Matrix<std::uint8_t>()}) {
    const auto inputs = bar_inputs(harmony.view(), silent_evidence(30), frames_of(30));
    for (std::size_t b = 2; b < 28; ++b) {
      for (std::size_t i = 1; i < kBarInputs; ++i) EXPECT_NEAR(inputs(b, i), 0.0F, 1e-3F) << b << ' ' << i;
    }
  }
  EXPECT_EQ(bar_inputs(drone.view(), silent_evidence(3), {}).rows(), 0U);
}

TEST(BarEvidence, IsTheWeightedSumLessTheOddsOfTheShare) {
  BeatEvidence evidence = silent_evidence(4);
  Matrix<float> inputs(4, kBarInputs, 0.0F);
  for (std::size_t b = 0; b < 4; ++b) {
    inputs(b, 0) = 1;
    inputs(b, 3) = static_cast<float>(b);
  }
  weigh_downbeats(inputs, {.weights = {0.5F, 0, 0, 2}, .downbeat_share = 0.5}, frames_of(4), evidence);
  for (std::size_t b = 0; b < 4; ++b)
    EXPECT_FLOAT_EQ(evidence.downbeat[b * kInterval], 0.5F + 2 * static_cast<float>(b));
  weigh_downbeats(inputs, {.weights = {0.5F}, .downbeat_share = 0.25}, frames_of(4), evidence);
  EXPECT_NEAR(evidence.downbeat[0], 0.5 + std::log(3.0), 1e-5);
}

TEST(CountBars, FollowsWhatIsHeard) {
  EXPECT_EQ(counted(heard_as("..x...x...x."), 12, kMetres, 20), "341234123412");
  EXPECT_EQ(counted(heard_as(".x..x..x..x."), 12, kMetres, 20), "312312312312");
}

TEST(CountBars, ABarEndsEarlyWhereThatPays) {
  const std::string heard = "x...x...x.x...x...x...";  // a bar of two
  EXPECT_EQ(counted(heard_as(heard), heard.size(), kMetres, 5), "1234123412123412341234");
  EXPECT_EQ(counted(heard_as(heard), heard.size(), kMetres, 1000), "3412341234123412341234");
}

TEST(CountBars, GoesOverToAnotherMetreAtABarLine) {
  const std::string heard = "x...x...x...x..x..x..x..x..";
  EXPECT_EQ(counted(heard_as(heard), heard.size(), {.metre_change = 4, .metres = {3, 4}}, 1000),
            "123412341234123123123123123");
}

TEST(CountBars, KnowsOneMetreOrNoBeats) {
  EXPECT_EQ(counted(heard_as("x....x....x"), 11, {.metres = {5}}, 20), "12345123451");
  DecodedBeats none;
  count_bars({}, kMetres, 20, none);
  EXPECT_TRUE(none.beats.empty());
}

}  // namespace
}  // namespace pop2piano
