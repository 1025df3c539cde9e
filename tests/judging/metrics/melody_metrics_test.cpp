// SPDX-License-Identifier: MIT
#include "judging/metrics/melody_metrics.h"

#include <pop2piano/error.h>

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

PitchContour every_10_ms(std::vector<double> frequencies) {
  PitchContour contour;
  for (std::size_t i = 0; i < frequencies.size(); ++i) contour.times.push_back(0.01 * static_cast<double>(i));
  contour.frequencies = std::move(frequencies);
  return contour;
}

TEST(MelodyMetrics, CountsFramesAsDefined) {
  // Reference: 4 voiced, 2 unvoiced. Estimate: right, octave, wrong, unvoiced but right pitch; false alarm, right rest.
  const auto reference = every_10_ms({220, 220, 220, 220, 0, 0});
  const auto estimate = every_10_ms({220, 440, 300, -220, 220, 0});
  const MelodyScores scores = compare_melodies(reference, estimate);
  EXPECT_DOUBLE_EQ(scores.voicing_recall.value(), 3.0 / 4.0);
  EXPECT_DOUBLE_EQ(scores.voicing_false_alarm.value(), 1.0 / 2.0);
  EXPECT_DOUBLE_EQ(scores.raw_pitch.value(), 2.0 / 4.0);
  EXPECT_DOUBLE_EQ(scores.raw_chroma.value(), 3.0 / 4.0);
  EXPECT_DOUBLE_EQ(scores.overall.value(), 2.0 / 6.0);
}

TEST(MelodyMetrics, FiftyCentsAreTooMuch) {
  const auto reference = every_10_ms({220.0});
  EXPECT_DOUBLE_EQ(compare_melodies(reference, every_10_ms({220.0 * std::exp2(49.9 / 1200)})).raw_pitch.value(), 1.0);
  EXPECT_DOUBLE_EQ(compare_melodies(reference, every_10_ms({220.0 * std::exp2(50.1 / 1200)})).raw_pitch.value(), 0.0);
}

TEST(MelodyMetrics, ResamplesPitchLinearlyInCentsAndVoicingByHolding) {
  // The estimate glides an octave in 0.1 s, then is silent; the reference asks in the middle and in the silence.
  const PitchContour estimate{{0.0, 0.1, 0.2}, {100.0, 200.0, 0.0}};
  const PitchContour reference{{0.0, 0.05, 0.15, 0.2, 0.25}, {100, 100.0 * std::sqrt(2.0), 200, 150, 150}};
  const MelodyScores scores = compare_melodies(reference, estimate);
  EXPECT_DOUBLE_EQ(scores.raw_pitch.value(), 3.0 / 5.0);
  EXPECT_DOUBLE_EQ(scores.voicing_recall.value(), 3.0 / 5.0);
}

TEST(MelodyMetrics, TheLastPitchIsHeldUntilTheLastReferenceFrame) {
  const PitchContour estimate{{0.0, 0.1}, {100.0, 100.0}};
  const PitchContour reference{{0.0, 0.2, 0.3, 0.4}, {100, 100, 100, 100}};
  EXPECT_DOUBLE_EQ(compare_melodies(reference, estimate).raw_pitch.value(), 3.0 / 4.0);
}

TEST(MelodyMetrics, AFixedHopResamplesBoth) {
  const PitchContour reference{{0.0, 0.1}, {100.0, 100.0}};
  const PitchContour estimate{{0.0, 0.05, 0.1}, {100.0, 0.0, 0.0}};
  const MelodyScores scores = compare_melodies(reference, estimate, {.hop = 0.01});
  EXPECT_NEAR(scores.voicing_recall.value(), 5.0 / 11.0, 1e-12);
}

TEST(MelodyMetrics, UndefinedWhereThereIsNothingToDivideBy) {
  const auto silent = every_10_ms({0, 0, 0}), voiced = every_10_ms({220, 220, 220});
  EXPECT_FALSE(compare_melodies(silent, voiced).raw_chroma.defined());
  EXPECT_FALSE(compare_melodies(silent, voiced).voicing_recall.defined());
  EXPECT_DOUBLE_EQ(compare_melodies(silent, voiced).voicing_false_alarm.value(), 1.0);
  EXPECT_FALSE(compare_melodies(voiced, voiced).voicing_false_alarm.defined());
  EXPECT_DOUBLE_EQ(compare_melodies(voiced, silent).raw_pitch.value(), 0.0);
  EXPECT_FALSE(compare_melodies({}, voiced).overall.defined());
  EXPECT_FALSE(compare_melodies(voiced, {}).overall.defined());
}

TEST(MelodyMetrics, RefusesTimesThatGoBack) {
  const PitchContour bad{{0.0, 0.2, 0.1}, {1, 1, 1}};
  EXPECT_THROW(compare_melodies(bad, bad), Error);
  EXPECT_THROW(compare_melodies(every_10_ms({100}), {{0.0}, {}}), Error);
  EXPECT_THROW(compare_melodies(every_10_ms({100}), every_10_ms({100}), {.hop = 0.0}), Error);
}

TEST(MelodyMetrics, MidiAndHertzAreInverse) {
  EXPECT_DOUBLE_EQ(midi_to_hz(69.0), 440.0);
  EXPECT_NEAR(hz_to_midi(midi_to_hz(37.3)), 37.3, 1e-12);
}

// --- the plain version: each frame asks the whole contour ---

struct Heard {
  double cents = 0.0;
  bool voiced = false;
};

double cents(double frequency) { return frequency == 0.0 ? 0.0 : 1200.0 * std::log2(std::abs(frequency) / 10.0); }

Heard slow_at(PitchContour contour, double time, double last_time) {
  if (contour.times[0] > 0.0) {
    contour.times.insert(contour.times.begin(), 0.0);
    contour.frequencies.insert(contour.frequencies.begin(), contour.frequencies[0]);
  }
  const std::size_t count = contour.times.size();
  if (time >= last_time && last_time > contour.times.back()) return {};
  std::size_t before = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (contour.times[i] <= time) before = i;
  }
  if (contour.frequencies[before] == 0.0) return {};
  const double here = cents(contour.frequencies[before]);
  double there = here;
  if (before + 1 < count && contour.frequencies[before + 1] != 0.0) there = cents(contour.frequencies[before + 1]);
  const double part =
      before + 1 < count ? (time - contour.times[before]) / (contour.times[before + 1] - contour.times[before]) : 0.0;
  return {here + part * (there - here), contour.frequencies[before] > 0.0};
}

PitchContour random_contour(Random& random) {
  PitchContour contour;
  double time = random.chance(0.5) ? 0.0 : random.uniform(0.0, 0.05);
  for (std::size_t i = 0, count = 1 + random.index(40); i < count; ++i) {
    contour.times.push_back(time);
    time += random.uniform(0.005, 0.03);
    const double frequency = 110.0 * std::exp2(static_cast<double>(random.index(5)) / 12.0 + random.uniform(0, 0.06));
    const double kind = random.uniform();
    contour.frequencies.push_back(kind < 0.25 ? 0.0 : kind < 0.4 ? -frequency : frequency);
  }
  return contour;
}

TEST(MelodyMetrics, EqualThePlainVersionOnRandomContours) {
  Random random(23);
  for (int round = 0; round < 300; ++round) {
    PitchContour reference = random_contour(random);
    const PitchContour estimate = random_contour(random);
    const MelodyScores scores = compare_melodies(reference, estimate);
    if (reference.times[0] > 0.0) {
      reference.times.insert(reference.times.begin(), 0.0);
      reference.frequencies.insert(reference.frequencies.begin(), reference.frequencies[0]);
    }
    double voiced = 0, unvoiced = 0, recalled = 0, false_alarms = 0, pitch = 0, chroma = 0, overall = 0;
    for (std::size_t i = 0; i < reference.times.size(); ++i) {
      const Heard found = slow_at(estimate, reference.times[i], reference.times.back());
      const double difference = std::abs(found.cents - cents(reference.frequencies[i]));
      const bool right = found.cents != 0.0 && difference < 50.0;
      const bool right_chroma =
          found.cents != 0.0 && std::abs(difference - 1200.0 * std::round(difference / 1200.0)) < 50.0;
      if (reference.frequencies[i] > 0.0) {
        voiced += 1;
        recalled += found.voiced;
        pitch += right;
        chroma += right_chroma;
        overall += right && found.voiced;
      } else {
        unvoiced += 1;
        false_alarms += found.voiced;
        overall += !found.voiced;
      }
    }
    if (voiced > 0) {
      ASSERT_NEAR(scores.voicing_recall.value(), recalled / voiced, 1e-9) << "round " << round;
      ASSERT_NEAR(scores.raw_pitch.value(), pitch / voiced, 1e-9) << "round " << round;
      ASSERT_NEAR(scores.raw_chroma.value(), chroma / voiced, 1e-9) << "round " << round;
    }
    if (unvoiced > 0) {
      ASSERT_NEAR(scores.voicing_false_alarm.value(), false_alarms / unvoiced, 1e-9) << "round " << round;
    }
    ASSERT_NEAR(scores.overall.value(), overall / (voiced + unvoiced), 1e-9) << "round " << round;
  }
}

}  // namespace
}  // namespace pop2piano
