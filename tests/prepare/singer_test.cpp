// SPDX-License-Identifier: MIT
#include "prepare/singer.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr double kRate = 22050;

// The lag of the strongest autocorrelation around `time`, as MIDI pitch.
double pitch_at(const std::vector<float>& x, double time) {
  const auto centre = static_cast<std::size_t>(time * kRate);
  double best = -1;
  std::size_t best_lag = 1;
  for (std::size_t lag = 20; lag < 320; ++lag) {
    double product = 0, a = 1e-9, b = 1e-9;
    for (std::size_t i = centre; i < centre + 1200; ++i) {
      product += static_cast<double>(x[i]) * x[i + lag];
      a += static_cast<double>(x[i]) * x[i];
      b += static_cast<double>(x[i + lag]) * x[i + lag];
    }
    // Longer lags repeat the period; they must be clearly better.
    if (const double value = product / std::sqrt(a * b); value > best + 0.02) {
      best = value;
      best_lag = lag;
    }
  }
  return 69.0 + 12.0 * std::log2(kRate / static_cast<double>(best_lag) / 440.0);
}

std::vector<SungNote> scale(double lowest) {
  std::vector<SungNote> notes;
  for (int i = 0; i < 8; ++i) notes.push_back({.start = 0.5 + 0.5 * i, .end = 0.95 + 0.5 * i, .pitch = lowest + i});
  return notes;
}

TEST(Singer, IsSilentWithoutNotes) {
  const auto sound = sing({}, 1000, kRate, {}, Random(1));
  EXPECT_TRUE(std::all_of(sound.begin(), sound.end(), [](float x) { return x == 0.0F; }));
  EXPECT_TRUE(sing(scale(60), 0, kRate, {}, Random(1)).empty());
}

TEST(Singer, TheTuneCanBeHeardWhoeverSings) {
  int right = 0, all = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    Random random(seed);
    const VoiceRange range = seed % 2 == 0 ? VoiceRange::male : VoiceRange::female;
    const auto notes = scale(std::floor(comfortable_pitch(range)) - 4);
    const auto sound = sing(notes, static_cast<std::size_t>(5 * kRate), kRate, draw_singer(range, random), random);
    for (const SungNote& note : notes) {
      const double error = pitch_at(sound, note.start + 0.22) - note.pitch;
      right += std::abs(error - 12 * std::round(error / 12)) < 1.0 ? 1 : 0;
      ++all;
    }
  }
  EXPECT_GE(right, all * 9 / 10) << "of " << all;
}

TEST(Singer, SameSeedSameSoundOtherSeedOtherSound) {
  const auto notes = scale(60);
  const auto a = sing(notes, 44100, kRate, {}, Random(3)), b = sing(notes, 44100, kRate, {}, Random(3));
  EXPECT_EQ(a, b);
  EXPECT_NE(a, sing(notes, 44100, kRate, {}, Random(4)));
}

TEST(Singer, StaysFiniteForStrangeNotes) {
  const std::vector<SungNote> notes = {{.start = -1, .end = 0.1, .pitch = 20},
                                       {.start = 0.1, .end = 0.1, .pitch = 120},
                                       {.start = 0.1, .end = 9, .pitch = 60, .glide = 40},
                                       {.start = 50, .end = 51}};
  for (const float x : sing(notes, 22050, kRate, {.glide_s = 0}, Random(1))) ASSERT_TRUE(std::isfinite(x));
}

}  // namespace
}  // namespace pop2piano
