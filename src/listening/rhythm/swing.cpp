// SPDX-License-Identifier: MIT
#include "listening/rhythm/swing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace pop2piano {
namespace {

constexpr std::size_t kPhases = 48;             // places in a beat
constexpr std::size_t kFirst = 20, kLast = 35;  // below three quarters, where dotted rhythms lie
constexpr double kStandsOut = 1.5;              // against the beat's mean
constexpr double kStraight = 1.12;              // ratios below are a straight player's unevenness

// Mean onset strength by place in the beat, every beat counted alike.
std::array<double, kPhases> beat_profile(std::span<const float> curve, std::span<const double> beats) {
  std::array<double, kPhases> profile{};
  for (std::size_t i = 0; i + 1 < beats.size(); ++i) {
    std::array<double, kPhases> heard{};
    double sum = 1e-9;
    for (std::size_t k = 0; k < kPhases; ++k) {
      const double at = beats[i] + (beats[i + 1] - beats[i]) * static_cast<double>(k) / kPhases;
      const auto frame = static_cast<std::size_t>(std::max(0.0, at));
      if (frame + 1 >= curve.size()) continue;
      const double share = at - static_cast<double>(frame);
      heard[k] = (1 - share) * curve[frame] + share * curve[frame + 1];
      sum += heard[k];
    }
    for (std::size_t k = 0; k < kPhases; ++k) profile[k] += heard[k] / sum;
  }
  return profile;
}

}  // namespace

double swing_ratio(std::span<const float> curve, std::span<const double> beats) {
  if (beats.size() < 8) return 1;
  const auto profile = beat_profile(curve, beats);
  const auto peak = std::max_element(profile.begin() + kFirst, profile.begin() + kLast + 1);
  double mean = 0;
  for (const double value : profile) mean += value / kPhases;
  const auto place = static_cast<std::size_t>(peak - profile.begin());
  if (*peak < kStandsOut * mean || place == kFirst || place == kLast) return 1;
  const double left = *(peak - 1), right = *(peak + 1), curvature = left - 2 * *peak + right;
  const double shift = curvature < 0 ? 0.5 * (left - right) / curvature : 0.0;
  const double phase = (static_cast<double>(place) + shift) / kPhases;
  const double ratio = phase / (1 - phase);
  return ratio < kStraight ? 1.0 : ratio;
}

}  // namespace pop2piano
