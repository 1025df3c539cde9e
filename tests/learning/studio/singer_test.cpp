// SPDX-License-Identifier: MIT
#include "learning/studio/singer.h"

#include <algorithm>
#include <array>
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

VoiceRange range_of(std::uint64_t seed) { return seed % 2 == 0 ? VoiceRange::male : VoiceRange::female; }

// A scale near the middle of the range, sung by 12 singers: notes with the right pitch class 0.22 s after their onset.
void expect_melody(SingerKind kind) {
  int right = 0, all = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    Random random(seed);
    const VoiceRange range = range_of(seed);
    const auto notes = scale(std::floor(comfortable_pitch(range)) - 4);
    const SingerOptions singer = draw_singer(range, kind, random);
    const auto sound = sing(notes, static_cast<std::size_t>(5 * kRate), kRate, singer, random);
    double energy = 0;
    for (const float x : sound) {
      ASSERT_TRUE(std::isfinite(x));
      energy += static_cast<double>(x) * x;
    }
    EXPECT_GT(std::sqrt(energy / static_cast<double>(sound.size())), 0.1) << "singer " << seed;
    for (const SungNote& note : notes) {
      const double error = pitch_at(sound, note.start + 0.22) - note.pitch;
      right += std::abs(error - 12 * std::round(error / 12)) < 1.0 ? 1 : 0;
      ++all;
    }
  }
  EXPECT_GE(right, all * 9 / 10) << "of " << all;
}

TEST(Singer, TheMelodyCanBeHeardWhoeverSings) { expect_melody(SingerKind::usual); }

TEST(Singer, TheMelodyCanBeHeardWhenAStrangerSings) { expect_melody(SingerKind::unseen); }

constexpr std::size_t kSettings = 19;

std::array<double, kSettings> settings_of(const SingerOptions& o) {
  return {o.formant_scale,
          o.tilt,
          o.vibrato_hz,
          o.vibrato_depth,
          o.vibrato_delay_s,
          o.scoop_chance,
          o.scoop_depth,
          o.fall_chance,
          o.glide_s,
          o.drift,
          o.detune,
          o.timing_s,
          o.late_s,
          o.breathiness,
          o.consonants,
          o.ring_db,
          o.attack_s,
          o.first_formant_scale,
          static_cast<double>(o.vowels)};
}

// What 5,000 usual singers of the range have in each setting, ascending.
std::array<std::vector<double>, kSettings> usual_settings(VoiceRange range) {
  std::array<std::vector<double>, kSettings> usual;
  Random random(1);
  for (int singer = 0; singer < 5000; ++singer) {
    const auto settings = settings_of(draw_singer(range, SingerKind::usual, random));
    for (std::size_t s = 0; s < kSettings; ++s) usual[s].push_back(settings[s]);
  }
  for (auto& values : usual) std::sort(values.begin(), values.end());
  return usual;
}

// No usual singer's value lies within 1 % of the usual span.
bool is_outside(const std::vector<double>& usual, double value) {
  const double margin = 0.01 * (usual.back() - usual.front());
  const auto next = std::lower_bound(usual.begin(), usual.end(), value - margin);
  return next == usual.end() || *next > value + margin;
}

TEST(Singer, StrangersLieOutsideTheUsualRanges) {
  const std::array usual = {usual_settings(VoiceRange::male), usual_settings(VoiceRange::female)};
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Random random(seed);
    const auto settings = settings_of(draw_singer(range_of(seed), SingerKind::unseen, random));
    for (std::size_t s = 0; s < kSettings; ++s) {
      constexpr std::size_t kLate = 12;  // most usual singers are on time; so are some strangers
      if (s == kLate && settings[s] == 0) continue;
      EXPECT_TRUE(is_outside(usual[seed % 2][s], settings[s])) << "setting " << s << ": " << settings[s];
    }
  }
}

TEST(Singer, WhatIsDrawnAfterAStrangerIsWhatItWas) {
  Random usual(8), unseen(8);
  (void)draw_singer(VoiceRange::male, SingerKind::usual, usual);
  (void)draw_singer(VoiceRange::male, SingerKind::unseen, unseen);
  EXPECT_EQ(usual.next(), unseen.next());
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
