// SPDX-License-Identifier: MIT
#include "sound/dsp/onset_strength.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "sound/dsp/harmonic_chroma.h"
#include "sound/dsp/onset_frames.h"

namespace pop2piano {
namespace {

constexpr double kRate = 22050;

// Fades in and out over 50 ms, so that it has no click in other bands.
std::vector<float> sine(double frequency, double seconds, double from = 0) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * kRate), 0.0f);
  for (auto i = static_cast<std::size_t>(from * kRate); i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / kRate;
    const double fade = std::clamp(std::min(t - from, seconds - t) / 0.05, 0.0, 1.0);
    const double level = 0.25 * (1 - std::cos(std::numbers::pi * fade));
    samples[i] = static_cast<float>(level * std::sin(2 * std::numbers::pi * frequency * t));
  }
  return samples;
}

Matrix<float> onsets_of(const std::vector<float>& samples, std::size_t block) {
  OnsetStrength onsets;
  for (std::size_t at = 0; at < samples.size(); at += block) {
    onsets.push(std::span(samples).subspan(at, std::min(block, samples.size() - at)));
  }
  onsets.finish();
  return onsets.strength();
}

TEST(OnsetFrames, AreCentredAndComplete) {
  OnsetFrames frames(4, 2);
  std::vector<std::vector<float>> seen;
  const auto keep = [&](std::span<const float> frame) { seen.emplace_back(frame.begin(), frame.end()); };
  const std::vector<float> samples = {1, 2, 3, 4, 5};
  frames.push(std::span(samples).first(1), keep);
  frames.push(std::span(samples).subspan(1), keep);
  frames.finish(keep);
  EXPECT_EQ(seen, (std::vector<std::vector<float>>{{0, 0, 1, 2}, {1, 2, 3, 4}, {3, 4, 5, 0}}));
  EXPECT_THROW(OnsetFrames(4, 5), Error);
  EXPECT_THROW(OnsetFrames(4, 0), Error);
}

TEST(OnsetStrength, IsZeroInSilence) {
  const auto strength = onsets_of(std::vector<float>(22050, 0.0f), 1000);
  EXPECT_EQ(strength.rows(), (22050U + 219) / 220);
  for (const float value : strength.flat()) EXPECT_EQ(value, 0.0f);
  OnsetStrength none;
  none.finish();
  EXPECT_EQ(none.strength().rows(), 0U);
}

TEST(OnsetStrength, RisesInTheBandAndAtTheTimeOfANote) {
  const auto strength = onsets_of(sine(800, 2.0, 1.0), 4096);  // band 2: 400 to 1600 Hz
  std::size_t peak = 0;
  float elsewhere = 0;
  for (std::size_t t = 0; t < strength.rows(); ++t) {
    if (strength(t, 2) > strength(peak, 2)) peak = t;
    elsewhere = std::max({elsewhere, strength(t, 0), strength(t, 4)});
  }
  EXPECT_LT(elsewhere, 0.2f * strength(peak, 2));
  EXPECT_NEAR(static_cast<double>(peak) * 220 / kRate, 1.0, 0.03);
  for (std::size_t t = 115; t < 190; ++t)
    EXPECT_LT(strength(t, 2), 0.01f * strength(peak, 2)) << t;  // it just sounds on
}

TEST(OnsetStrength, DoesNotTakeVibratoForOnsets) {
  std::vector<float> steady(44100), trilled(44100);
  double phase = 0;
  for (std::size_t i = 0; i < trilled.size(); ++i) {
    const double t = static_cast<double>(i) / kRate;
    phase += 2 * std::numbers::pi * 880 * std::exp2(0.3 / 12 * std::sin(2 * std::numbers::pi * 6 * t)) / kRate;
    trilled[i] = static_cast<float>(0.5 * std::sin(phase));
  }
  const auto strength = onsets_of(trilled, 4096);
  float attack = 0, later = 0;
  for (std::size_t t = 0; t < 20; ++t) attack = std::max(attack, strength(t, 2));
  for (std::size_t t = 20; t < 190; ++t) later = std::max(later, strength(t, 2));
  EXPECT_LT(later, 0.25f * attack);
}

TEST(OnsetStrength, DoesNotDependOnBlocks) {
  Random random(1);
  std::vector<float> samples(5000);
  for (float& sample : samples) sample = static_cast<float>(random.uniform(-1, 1));
  const auto whole = onsets_of(samples, samples.size());
  for (const std::size_t block : {1, 219, 1024}) {
    const auto parts = onsets_of(samples, block);
    ASSERT_EQ(parts.rows(), whole.rows());
    EXPECT_TRUE(std::equal(parts.flat().begin(), parts.flat().end(), whole.flat().begin())) << block;
  }
}

TEST(OnsetStrength, RejectsOptionsOutOfRange) {
  EXPECT_THROW(OnsetStrength({.sample_rate = 0}), Error);
  EXPECT_THROW(OnsetStrength({.lag_frames = 0}), Error);
  EXPECT_THROW(OnsetStrength({.highest = 12000}), Error);
  EXPECT_THROW(OnsetStrength({.lowest = -1}), Error);
}

TEST(HarmonicChroma, IsZeroInSilence) {
  HarmonicChroma chroma;
  chroma.push(std::vector<float>(22050, 0.0f));
  chroma.finish();
  EXPECT_EQ(chroma.chroma().rows(), 26U);
  for (const float value : chroma.chroma().flat()) EXPECT_EQ(value, 0.0f);
}

TEST(HarmonicChroma, PutsANoteIntoItsClassAndRegister) {
  const struct {
    double frequency;
    std::size_t column;
  } notes[] = {{440.0, 12 + 9}, {110.0, 9}, {261.6256, 12}, {77.7817, 3}, {1244.508, 12 + 3}};
  for (const auto& note : notes) {
    HarmonicChroma chroma;
    chroma.push(sine(note.frequency, 1.0));
    chroma.finish();
    const auto row = chroma.chroma().row(12);
    float sum = 0;
    for (const float value : row) sum += value;
    EXPECT_GT(row[note.column], 0.85f * sum) << note.frequency << " Hz";
  }
}

TEST(HarmonicChroma, RejectsOptionsOutOfRange) {
  EXPECT_THROW(HarmonicChroma({.lowest = 300}), Error);
  EXPECT_THROW(HarmonicChroma({.highest = 12000}), Error);
}

}  // namespace
}  // namespace pop2piano
