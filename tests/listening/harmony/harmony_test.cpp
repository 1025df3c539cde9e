// SPDX-License-Identifier: MIT
// Pitch class profiles, tuning, transposition, chords.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "judging/metrics/chord_metrics.h"
#include "listening/align/analysis_sound.h"
#include "listening/harmony/chord_recognition.h"
#include "listening/harmony/hpcp.h"
#include "test_sounds.h"

namespace pop2piano {
namespace {

using testing::mixed;
using testing::tone;

constexpr int kRate = 22050;

std::vector<float> silence(double seconds) {
  return std::vector<float>(static_cast<std::size_t>(seconds * kRate), 0.0F);
}

TEST(Hpcp, ATriadHasItsThreePitchClasses) {
  ThreadPool pool(2);
  const std::vector<PlayedNote> chord = {{0, 2, 50, 80}, {0, 2, 54, 80}, {0, 2, 57, 80}};  // D, F sharp, A
  const Matrix<float> profiles = compute_hpcp(analysis_sound(chord), {}, pool);
  std::vector<std::size_t> order(kPitchClasses);
  for (std::size_t c = 0; c < kPitchClasses; ++c) order[c] = c;
  const auto frame = profiles.row(40);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return frame[a] > frame[b]; });
  std::sort(order.begin(), order.begin() + 3);
  EXPECT_EQ(order[0], 2u);
  EXPECT_EQ(order[1], 6u);
  EXPECT_EQ(order[2], 9u);
  EXPECT_EQ(*std::max_element(frame.begin(), frame.end()), 1.0F);
}

TEST(Hpcp, SilenceIsZero) {
  ThreadPool pool(1);
  const Matrix<float> profiles = compute_hpcp(silence(1.0), {}, pool);
  EXPECT_EQ(profiles.rows(), 50u);
  for (const float value : profiles.flat()) EXPECT_EQ(value, 0.0F);
  EXPECT_EQ(compute_hpcp({}, {}, pool).rows(), 0u);
}

TEST(Tuning, IsTheDistanceFromTheGrid) {
  for (const double shift : {-0.4, -0.15, 0.0, 0.2, 0.45}) {
    const double frequency = 440.0 * std::exp2(shift / 12.0);
    const auto samples = tone(
        2.0, kRate, [&](double) { return frequency; }, 4);
    EXPECT_NEAR(estimate_tuning(samples, kRate), shift, 0.03) << shift;
  }
  EXPECT_EQ(estimate_tuning(silence(1.0), kRate), 0.0);
}

TEST(Transposition, FindsTheKey) {
  Random random(9);
  Matrix<float> profiles(20, kPitchClasses);
  for (float& value : profiles.flat()) value = static_cast<float>(random.uniform());
  profiles(3, 4) = 30.0F;
  for (std::size_t shift = 0; shift < kPitchClasses; ++shift) {
    const Matrix<float> moved = transposed(profiles, shift);
    EXPECT_EQ(optimal_transposition(profiles, moved), (12 - shift) % 12);
    EXPECT_EQ(moved(3, (4 + shift) % 12), 30.0F);
  }
}

TEST(ChordRecognition, HearsAProgression) {
  ThreadPool pool(2);
  const int roots[] = {48, 45, 53, 55};  // C, A minor, F, G
  std::vector<PlayedNote> notes;
  for (int i = 0; i < 4; ++i) {
    const int third = i == 1 ? 3 : 4;
    for (const int tone_of : {0, third, 7, 12}) {
      notes.push_back({2.0 * i, 2.0 * i + 1.95, static_cast<double>(roots[i] + tone_of), 80});
    }
  }
  const auto chords = recognise_chords(compute_hpcp(analysis_sound(notes), {}, pool));
  const std::vector<LabelledChord> truth = {{0, 2, "C"}, {2, 4, "A:min"}, {4, 6, "F"}, {6, 8, "G"}};
  EXPECT_GT(compare_chords(truth, chords).majmin.value(), 0.9);
}

TEST(ChordRecognition, SilenceIsNoChord) {
  const auto chords = recognise_chords(Matrix<float>(100, kPitchClasses));
  ASSERT_EQ(chords.size(), 1u);
  EXPECT_EQ(chords[0].label, "N");
  EXPECT_NEAR(chords[0].end, 2.0, 1e-9);
  EXPECT_TRUE(recognise_chords({}).empty());
}

}  // namespace
}  // namespace pop2piano
