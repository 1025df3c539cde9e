// SPDX-License-Identifier: MIT
// The tune that is heard moves the network's choice of melody pitches, and nothing else.
#include "tokens/tune_evidence.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr std::size_t kSteps = 96, kChannels = 128, kFirst = 64;

Matrix<float> channels_with(int pitch, std::size_t first_step, std::size_t last_step, float share) {
  Matrix<float> channels(kSteps, kChannels);
  for (std::size_t k = first_step; k < last_step; ++k) {
    channels(k, kFirst + static_cast<std::size_t>(pitch - kLowestTunePitch)) = share;
  }
  return channels;
}

std::vector<float> added(const Matrix<float>& channels, long step, const TuneEvidenceOptions& options = {}) {
  const VoicesVocabulary vocabulary;
  std::vector<float> logits(static_cast<std::size_t>(vocabulary.size()), 0.0F);
  TuneEvidence(channels.view(), kFirst, options).add_to(logits, vocabulary, step);
  return logits;
}

std::size_t melody_token(int pitch) { return static_cast<std::size_t>(100 + pitch - 21); }

TEST(TuneEvidence, WhereTheTuneIsSilentAllMelodyPitchesLoseAlike) {
  const Matrix<float> silent(kSteps, kChannels);
  const auto logits = added(silent, 10, {.weight = 2.0, .price = 0.25, .silence = 0.25});
  for (std::size_t id = 0; id < logits.size(); ++id) EXPECT_EQ(logits[id], id >= 100 && id < 188 ? -0.75F : 0.0F) << id;
}

TEST(TuneEvidence, WhatSoundsAlreadyGainsNothing) {
  const VoicesVocabulary vocabulary;
  const auto channels = channels_with(69, 0, kSteps, 1.0F);
  std::vector<float> logits(static_cast<std::size_t>(vocabulary.size()), 0.0F);
  std::bitset<128> sounding;
  sounding.set(69).set(70);
  TuneEvidence(channels.view(), kFirst).add_to(logits, vocabulary, 10, sounding);
  EXPECT_FLOAT_EQ(logits[melody_token(69)], static_cast<float>(-TuneEvidenceOptions{}.price));
  EXPECT_EQ(logits[melody_token(70)], added(channels, 10)[melody_token(70)]);  // still not the tune's
}

TEST(TuneEvidence, StaysOnAPitchAcrossShortGapsAndOctaves) {
  auto channels = channels_with(69, 10, 30, 1.0F);
  for (std::size_t k = 16; k < 22; ++k) {  // heard an octave lower
    channels(k, kFirst + 69 - kLowestTunePitch) = 0.0F;
    channels(k, kFirst + 57 - kLowestTunePitch) = 1.0F;
  }
  channels(24, kFirst + 69 - kLowestTunePitch) = 0.0F;  // a consonant
  const TuneEvidence tune(channels.view(), kFirst);
  EXPECT_EQ(tune.steps_on(69, 10), 20);
  EXPECT_EQ(tune.steps_on(81, 10), 20);
  EXPECT_EQ(tune.steps_on(69, 9), 21);  // written a little early
  EXPECT_EQ(tune.steps_on(69, 25), 5);
  EXPECT_EQ(tune.steps_on(70, 10), 0);
  EXPECT_EQ(tune.steps_on(69, 40), 0);
  EXPECT_EQ(tune.steps_on(69, 5000), 0);
}

TEST(TuneEvidence, DurationsLoseByTheirDistanceFromTheTunesStay) {
  const VoicesVocabulary vocabulary;
  const auto channels = channels_with(69, 10, 22, 1.0F);  // 12 steps
  const TuneEvidence tune(channels.view(), kFirst, {.weight = 2.0, .duration = 0.5});
  std::vector<float> logits(static_cast<std::size_t>(vocabulary.size()), 0.0F);
  tune.add_to_durations(logits, vocabulary, 10, 69);
  for (std::size_t i = 0; i < vocabulary.durations.size(); ++i) {
    const double off = std::min(3.0, std::abs(std::log2(vocabulary.durations[i] / 12.0)));
    EXPECT_NEAR(logits[static_cast<std::size_t>(vocabulary.first_duration) + i], -off, 1e-6) << vocabulary.durations[i];
  }
  EXPECT_EQ(std::count(logits.begin(), logits.begin() + vocabulary.first_duration, 0.0F), vocabulary.first_duration);
  std::ranges::fill(logits, 0.0F);
  tune.add_to_durations(logits, vocabulary, 10, 70);
  EXPECT_EQ(std::count(logits.begin(), logits.end(), 0.0F), vocabulary.size());
}

TEST(TuneEvidence, OnlyMelodyPitchesAreWeighed) {
  const auto logits = added(channels_with(69, 0, kSteps, 1.0F), 10);
  for (std::size_t id = 0; id < logits.size(); ++id) {
    const bool melody = id >= 100 && id < 188;
    EXPECT_EQ(logits[id] != 0.0F, melody) << id;
  }
}

TEST(TuneEvidence, IsTheLogarithmOfTheShareOverChance) {
  const TuneEvidenceOptions options{.weight = 2.0, .floor = 0.1, .octave = 0.5, .window = 3, .price = 0.3};
  const auto logits = added(channels_with(69, 0, kSteps, 1.0F), 10, options);
  const double chance = 0.1 + 1.0 / 12.0;
  EXPECT_NEAR(logits[melody_token(69)], 2.0 * std::log(1.1 / chance) - 0.3, 1e-5);
  EXPECT_NEAR(logits[melody_token(81)], 2.0 * std::log(0.6 / chance) - 0.3, 1e-5);
  EXPECT_NEAR(logits[melody_token(57)], 2.0 * std::log(0.6 / chance) - 0.3, 1e-5);
  EXPECT_NEAR(logits[melody_token(70)], 2.0 * std::log(0.1 / chance) - 0.3, 1e-5);
}

TEST(TuneEvidence, HearsTheStepsFromTheOnsetOnAndEndsWithTheSong) {
  const auto channels = channels_with(60, 12, 14, 1.0F);
  EXPECT_GT(added(channels, 12)[melody_token(60)], added(channels, 13)[melody_token(60)]);
  EXPECT_EQ(added(channels, 14)[melody_token(60)], added(channels, 40)[melody_token(60)]);  // silence
  EXPECT_GT(added(channels, 11)[melody_token(60)], 0.0F);
  const auto to_the_end = channels_with(60, 0, kSteps, 1.0F);
  EXPECT_GT(added(to_the_end, kSteps - 1)[melody_token(60)], 0.0F);
  EXPECT_EQ(added(to_the_end, kSteps)[melody_token(60)], 0.0F);
  EXPECT_EQ(added(to_the_end, kSteps + 1000)[melody_token(60)], 0.0F);
}

TEST(TuneEvidence, WritesInTheOctaveOfPianoTunes) {
  const auto transposed = [](int pitch) {
    return octave_to_piano(channels_with(pitch, 0, kSteps, 1.0F).view(), kFirst);
  };
  EXPECT_EQ(transposed(72), 0);
  EXPECT_EQ(transposed(66), 0);
  EXPECT_EQ(transposed(60), 12);
  EXPECT_EQ(transposed(48), 24);
  EXPECT_EQ(transposed(84), -12);
  EXPECT_EQ(octave_to_piano(Matrix<float>(kSteps, kChannels).view(), kFirst), 0);
  const auto logits = added(channels_with(57, 0, kSteps, 1.0F), 10, {.transpose = 12});
  EXPECT_EQ(std::max_element(logits.begin(), logits.end()) - logits.begin(), static_cast<long>(melody_token(69)));
}

}  // namespace
}  // namespace pop2piano
