// SPDX-License-Identifier: MIT
// The melody that is heard moves the network's choice of onsets, melody pitches and their durations, and nothing else.
#include "writing/tokens/melody_guide.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr std::size_t kSteps = 96, kChannels = 128, kFirst = 64;

Matrix<float> channels_with(int pitch, std::size_t first_step, std::size_t last_step, float share) {
  Matrix<float> channels(kSteps, kChannels);
  for (std::size_t k = first_step; k < last_step; ++k) {
    channels(k, kFirst + static_cast<std::size_t>(pitch - kLowestGuidePitch)) = share;
  }
  return channels;
}

std::vector<float> added(const Matrix<float>& channels, long step, const MelodyGuideOptions& options = {}) {
  const VoicesVocabulary vocabulary;
  std::vector<float> logits(static_cast<std::size_t>(vocabulary.size()), 0.0F);
  MelodyGuide(channels.view(), kFirst, options).add_to(logits, vocabulary, step);
  return logits;
}

std::size_t melody_token(int pitch) { return static_cast<std::size_t>(100 + pitch - 21); }

TEST(MelodyGuide, WhereTheMelodyIsSilentAllMelodyPitchesLoseAlike) {
  const Matrix<float> silent(kSteps, kChannels);
  const auto logits = added(silent, 10, {.weight = 2.0, .price = 0.25, .silence = 0.25});
  for (std::size_t id = 0; id < logits.size(); ++id) EXPECT_EQ(logits[id], id >= 100 && id < 188 ? -0.75F : 0.0F) << id;
}

TEST(MelodyGuide, WhatSoundsAlreadyGainsNothing) {
  const VoicesVocabulary vocabulary;
  const auto channels = channels_with(69, 0, kSteps, 1.0F);
  std::vector<float> logits(static_cast<std::size_t>(vocabulary.size()), 0.0F);
  WrittenMelody written;
  written.sounding.set(69).set(70);
  MelodyGuide(channels.view(), kFirst).add_to(logits, vocabulary, 10, written);
  EXPECT_FLOAT_EQ(logits[melody_token(69)], static_cast<float>(-MelodyGuideOptions{}.price));
  EXPECT_EQ(logits[melody_token(70)], added(channels, 10)[melody_token(70)]);  // still not the melody's
}

TEST(MelodyGuide, StaysOnAPitchAcrossShortGapsAndOctaves) {
  auto channels = channels_with(69, 10, 30, 1.0F);
  for (std::size_t k = 16; k < 22; ++k) {  // heard an octave lower
    channels(k, kFirst + 69 - kLowestGuidePitch) = 0.0F;
    channels(k, kFirst + 57 - kLowestGuidePitch) = 1.0F;
  }
  channels(24, kFirst + 69 - kLowestGuidePitch) = 0.0F;  // a consonant
  const MelodyGuide melody(channels.view(), kFirst);
  EXPECT_EQ(melody.steps_on(69, 10), 20);
  EXPECT_EQ(melody.steps_on(81, 10), 20);
  EXPECT_EQ(melody.steps_on(69, 9), 21);  // written a little early
  EXPECT_EQ(melody.steps_on(69, 25), 5);
  EXPECT_EQ(melody.steps_on(70, 10), 0);
  EXPECT_EQ(melody.steps_on(69, 40), 0);
  EXPECT_EQ(melody.steps_on(69, 5000), 0);
}

TEST(MelodyGuide, DurationsLoseByTheirDistanceFromTheMelodiesStay) {
  const VoicesVocabulary vocabulary;
  const auto channels = channels_with(69, 10, 22, 1.0F);  // 12 steps
  const MelodyGuide melody(channels.view(), kFirst, {.weight = 2.0, .duration = 0.5});
  std::vector<float> logits(static_cast<std::size_t>(vocabulary.size()), 0.0F);
  melody.add_to_durations(logits, vocabulary, 10, 69);
  for (std::size_t i = 0; i < vocabulary.durations.size(); ++i) {
    const double off = std::min(3.0, std::abs(std::log2(vocabulary.durations[i] / 12.0)));
    EXPECT_NEAR(logits[static_cast<std::size_t>(vocabulary.first_duration) + i], -off, 1e-6) << vocabulary.durations[i];
  }
  EXPECT_EQ(std::count(logits.begin(), logits.begin() + vocabulary.first_duration, 0.0F), vocabulary.first_duration);
  std::ranges::fill(logits, 0.0F);
  melody.add_to_durations(logits, vocabulary, 10, 70);
  EXPECT_EQ(std::count(logits.begin(), logits.end(), 0.0F), vocabulary.size());
}

std::vector<float> with_onsets(const MelodyGuide& melody, int next, std::vector<float> logits) {
  melody.add_to_onsets(logits, VoicesVocabulary{}, 0, next);
  return logits;
}

double mass_of_onsets(const std::vector<float>& logits, int next) {
  double sum = 0.0;
  for (int id = 4 + next; id < 100; ++id) sum += std::exp(static_cast<double>(logits[static_cast<std::size_t>(id)]));
  return sum;
}

TEST(MelodyGuide, AnOnsetGainsWhereTheMelodyComesToAPitchAndLosesBehindIt) {
  auto channels = channels_with(69, 0, 46, 1.0F);
  for (std::size_t k = 46; k < kSteps; ++k)
    channels(k, kFirst + 72 - kLowestGuidePitch) = 1.0F;  // heard from step 46 on
  const MelodyGuide melody(channels.view(), kFirst, {.weight = 2.0, .onset = 0.5, .skipped = 0.25});
  std::vector<float> logits(static_cast<std::size_t>(VoicesVocabulary{}.size()), 0.0F);
  for (std::size_t id = 4; id < 100; ++id) logits[id] = 0.01F * static_cast<float>(id % 7);
  const auto moved = with_onsets(melody, 10, logits);
  const auto gain = [&](std::size_t step) { return moved[4 + step] - logits[4 + step]; };
  // A change is heard two steps early to two steps late; an onset behind any of these loses a quarter of its gain.
  const double third = std::log1p(1.0 / 0.6), two_thirds = std::log1p(2.0 / 0.6), all = std::log1p(1.0 / 0.2);
  EXPECT_NEAR(gain(45) - gain(40), all - 0.25 * (third + two_thirds), 1e-5);  // a step before it is heard in full
  EXPECT_NEAR(gain(40), gain(10), 1e-5);
  EXPECT_NEAR(gain(40) - gain(60), 0.25 * (2.0 * third + 2.0 * two_thirds + all), 1e-5);
  EXPECT_NEAR(mass_of_onsets(moved, 10) / mass_of_onsets(logits, 10), 1.0, 1e-5);
  for (std::size_t id = 0; id < logits.size(); ++id) {
    if (id < 14 || id >= 100) {
      EXPECT_EQ(moved[id], logits[id]) << id;
    }
  }
}

TEST(MelodyGuide, OnsetsStayWhereTheMelodyHoldsOrIsSilentAndOutsideTheSong) {
  std::vector<float> logits(static_cast<std::size_t>(VoicesVocabulary{}.size()), 0.5F);
  const Matrix<float> silent(kSteps, kChannels);
  const auto moved = with_onsets(MelodyGuide(silent.view(), kFirst), 0, logits);
  for (std::size_t id = 0; id < logits.size(); ++id) EXPECT_NEAR(moved[id], logits[id], 1e-5) << id;
  const auto channels = channels_with(69, 30, kSteps, 1.0F);
  const MelodyGuide melody(channels.view(), kFirst);
  EXPECT_EQ(with_onsets(melody, 96, logits), logits);
  EXPECT_EQ(with_onsets(melody, -1, logits), logits);
  auto far = logits;
  melody.add_to_onsets(far, VoicesVocabulary{}, 100000, 0);
  for (std::size_t id = 0; id < logits.size(); ++id) EXPECT_NEAR(far[id], logits[id], 1e-5) << id;
  std::vector<float> none(logits.size(), -std::numeric_limits<float>::infinity());
  for (const float logit : with_onsets(melody, 0, none)) EXPECT_EQ(logit, none.front());
}

TEST(MelodyGuide, OnlyMelodyPitchesAreWeighed) {
  const auto logits = added(channels_with(69, 0, kSteps, 1.0F), 10);
  for (std::size_t id = 0; id < logits.size(); ++id) {
    const bool melody = id >= 100 && id < 188;
    EXPECT_EQ(logits[id] != 0.0F, melody) << id;
  }
}

TEST(MelodyGuide, IsTheLogarithmOfTheShareOverChance) {
  const MelodyGuideOptions options{.weight = 2.0, .floor = 0.1, .octave = 0.5, .window = 3, .price = 0.3};
  const auto logits = added(channels_with(69, 0, kSteps, 1.0F), 10, options);
  const double chance = 0.1 + 1.0 / 12.0;
  EXPECT_NEAR(logits[melody_token(69)], 2.0 * std::log(1.1 / chance) - 0.3, 1e-5);
  EXPECT_NEAR(logits[melody_token(81)], 2.0 * std::log(0.6 / chance) - 0.3, 1e-5);
  EXPECT_NEAR(logits[melody_token(57)], 2.0 * std::log(0.6 / chance) - 0.3, 1e-5);
  EXPECT_NEAR(logits[melody_token(70)], 2.0 * std::log(0.1 / chance) - 0.3, 1e-5);
}

TEST(MelodyGuide, HearsTheStepsFromTheOnsetOnAndEndsWithTheSong) {
  const auto channels = channels_with(60, 12, 14, 1.0F);
  EXPECT_GT(added(channels, 12)[melody_token(60)], added(channels, 13)[melody_token(60)]);
  EXPECT_EQ(added(channels, 14)[melody_token(60)], added(channels, 40)[melody_token(60)]);  // silence
  EXPECT_GT(added(channels, 11)[melody_token(60)], 0.0F);
  const auto to_the_end = channels_with(60, 0, kSteps, 1.0F);
  EXPECT_GT(added(to_the_end, kSteps - 1)[melody_token(60)], 0.0F);
  EXPECT_EQ(added(to_the_end, kSteps)[melody_token(60)], 0.0F);
  EXPECT_EQ(added(to_the_end, kSteps + 1000)[melody_token(60)], 0.0F);
}

// Chances: a note of `pitch` begins at `onset` and sounds for 12 steps.
Matrix<float> chances_with(int pitch, std::size_t onset, float chance) {
  Matrix<float> chances = channels_with(pitch, onset, onset + 12, chance);
  chances(onset, static_cast<std::size_t>(pitch - kLowestGuidePitch)) = chance;
  return chances;
}

TEST(MelodyGuide, MelodyPitchesGainByTheChanceThatTheyBeginAndThatAnyDoes) {
  const VoicesVocabulary vocabulary;
  const auto chances = chances_with(69, 24, 0.8F);
  const MelodyGuideOptions options{.weight = 2.0,
                                   .floor = 0.1,
                                   .octave = 0.5,
                                   .window = 2,
                                   .price = 0.3,
                                   .begins = 0.5,
                                   .entry = 1.5,
                                   .second = 4.0};
  const MelodyGuide melody(chances.view(), options);
  const auto gains_at = [&](long step, const WrittenMelody& written) {
    std::vector<float> logits(static_cast<std::size_t>(vocabulary.size()), 0.0F);
    melody.add_to(logits, vocabulary, step, written);
    return logits;
  };
  const double chance = 0.1 + 0.8 / 12.0, entry = 1.5 * std::log(0.85 / 0.3);
  const auto gains = gains_at(24, {});
  EXPECT_NEAR(gains[melody_token(69)], 2.0 * (std::log(0.9 / chance) + entry) - 0.3, 1e-5);
  EXPECT_NEAR(gains[melody_token(81)], 2.0 * (std::log(0.5 / chance) + entry) - 0.3, 1e-5);
  EXPECT_NEAR(gains[melody_token(70)], 2.0 * (std::log(0.1 / chance) + entry) - 0.3, 1e-5);
  const auto second = gains_at(24, {.at_onset = true});
  for (int pitch = 21; pitch <= 108; ++pitch)
    EXPECT_NEAR(second[melody_token(pitch)], gains[melody_token(pitch)] - 4.0, 1e-5) << pitch;
  // Held, not begun: half of it sounds, and hardly a note begins.
  const double held = 2.0 * (std::log(0.5 / (0.1 + 0.4 / 12.0)) + 1.5 * std::log(0.05 / 0.3)) - 0.3;
  EXPECT_NEAR(gains_at(30, {})[melody_token(69)], held, 1e-5);
}

TEST(MelodyGuide, OnsetsGainByTheChanceThatANoteBegins) {
  const auto chances = chances_with(69, 24, 0.8F);
  const MelodyGuide melody(chances.view(), MelodyGuideOptions{.weight = 2.0, .onset = 0.5, .skipped = 0.25});
  std::vector<float> logits(static_cast<std::size_t>(VoicesVocabulary{}.size()), 0.0F);
  const auto moved = with_onsets(melody, 10, logits);
  const double gain = std::log1p(0.8 / 0.1);
  EXPECT_NEAR(moved[4 + 24] - moved[4 + 12], gain, 1e-5);
  EXPECT_NEAR(moved[4 + 12] - moved[4 + 40], 0.25 * gain, 1e-5);
  EXPECT_NEAR(mass_of_onsets(moved, 10), 86.0, 1e-3);
}

TEST(MelodyGuide, IsMadeOfWhatIsHeard) {
  const VoicesVocabulary vocabulary;
  const auto melody = channels_with(57, 0, kSteps, 1.0F);
  EXPECT_FALSE(melody_guide(melody.view(), {}, 0.0).has_value());
  const auto best = [&](const MelodyGuide& melody) {
    std::vector<float> logits(static_cast<std::size_t>(vocabulary.size()), 0.0F);
    melody.add_to(logits, vocabulary, 24);
    return std::max_element(logits.begin(), logits.end()) - logits.begin();
  };
  EXPECT_EQ(best(*melody_guide(melody.view(), {}, 2.5)), static_cast<long>(melody_token(69)));
  const auto chances = chances_with(60, 24, 0.9F);  // the network hears another note, MELODIA tells the octave
  EXPECT_EQ(best(*melody_guide(melody.view(), chances.view(), 2.5)), static_cast<long>(melody_token(72)));
}

TEST(MelodyGuide, WritesInTheOctaveOfPianoMelodies) {
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
