// SPDX-License-Identifier: MIT
#include "listening/piano/strike_loudness.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "listening/piano/piano_network.h"

namespace pop2piano {
namespace {

constexpr double kLeastGain = 0.05;  // of a partial's power, where it was as loud before the strike

double power_of(std::uint8_t level) {
  static const std::array<double, 256> powers = [] {
    std::array<double, 256> table;
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = std::exp(static_cast<double>(i) / kPianoLevelsPerUnit);
    return table;
  }();
  return powers[level];
}

// The loudest of the bands around a partial.
double power_at(std::span<const std::uint8_t> levels, std::size_t key, std::size_t partial) {
  const auto bands = levels.subspan(kPianoBands + key * kPianoThirds + partial, kPianoThirds);
  return power_of(std::ranges::max(bands));
}

}  // namespace

double piano_frame_power(std::span<const std::uint8_t> levels) {
  double sum = 0.0;
  for (const std::uint8_t level : levels.subspan(kPianoBands)) sum += power_of(level);
  return sum / static_cast<double>(kPianoBands);
}

StrikeLoudness loudness_of_strike(std::size_t key, std::span<const std::uint8_t> before,
                                  std::span<const std::span<const std::uint8_t>> after) {
  double gained = 0.0, all = 0.0;
  for (const std::size_t partial : piano_partial_bands()) {
    if (key * kPianoThirds + partial + kPianoThirds > kPianoBands) break;
    double loudest = 0.0;
    for (const auto& levels : after) loudest = std::max(loudest, power_at(levels, key, partial));
    gained += std::max(loudest - power_at(before, key, partial), kLeastGain * loudest);
  }
  for (const auto& levels : after) all = std::max(all, piano_frame_power(levels));
  return {.partials = kPianoLevelsPerUnit * std::log(gained), .all = kPianoLevelsPerUnit * std::log(all)};
}

}  // namespace pop2piano
