// SPDX-License-Identifier: MIT
// What the harmony network reads of a song's frames.
#include <algorithm>
#include <bit>
#include <cmath>

#include "listening/harmony/harmony_network.h"

namespace pop2piano {
namespace {

constexpr int kMeanReach = 18;  // bands, half an octave: deviation of the song's smoothed mean
constexpr int kLocalReach = 9;  // bands, a quarter of an octave: of a frame's surroundings
constexpr float kLevelScale = 5.0F, kContrastScale = 3.0F, kLevelFloor = -3.0F, kContrastFloor = -1.5F;

// Gaussian of deviation `reach`, cut at twice of it; what lies outside repeats the ends.
template <int kReach>
void smooth(std::span<const float> values, std::span<float> out) {
  constexpr int kRadius = 2 * kReach;
  static const auto kernel = [] {
    std::array<float, 2 * kRadius + 1> k{};
    float sum = 0.0F;
    for (int i = -kRadius; i <= kRadius; ++i) {
      const float at = static_cast<float>(i) / kReach;
      sum += k[static_cast<std::size_t>(i + kRadius)] = std::exp(-0.5F * at * at);
    }
    for (float& value : k) value /= sum;
    return k;
  }();
  const auto count = static_cast<int>(values.size());
  std::array<float, kHarmonyBands + 2 * kRadius> padded;
  for (int i = 0; i < count + 2 * kRadius; ++i)
    padded[static_cast<std::size_t>(i)] = values[static_cast<std::size_t>(std::clamp(i - kRadius, 0, count - 1))];
  std::ranges::fill(out, 0.0F);
  for (std::size_t tap = 0; tap < kernel.size(); ++tap) {
    const float* from = padded.data() + tap;
    for (std::size_t b = 0; b < out.size(); ++b) out[b] += kernel[tap] * from[b];
  }
}

}  // namespace

std::size_t nearest_kind(std::uint16_t notes) {
  const auto distance = [notes](const ChordKind& quality) {
    return std::popcount(static_cast<unsigned>(quality.notes ^ notes));
  };
  const auto nearest = std::ranges::min_element(kChordKinds, {}, distance);
  return static_cast<std::size_t>(nearest - kChordKinds.begin());
}

std::vector<float> harmony_mean(Span2D<const std::uint8_t> levels) {
  std::vector<double> sums(kHarmonyBands, 0.0);
  for (std::size_t k = 0; k < levels.rows(); ++k) {
    const auto row = levels.row(k);
    for (std::size_t b = 0; b < kHarmonyBands; ++b) sums[b] += row[b];
  }
  std::vector<float> mean(kHarmonyBands), smoothed(kHarmonyBands);
  const double frames = std::max<double>(1.0, static_cast<double>(levels.rows()));
  for (std::size_t b = 0; b < kHarmonyBands; ++b)
    mean[b] = static_cast<float>(sums[b] / frames) / kHarmonyLevelsPerUnit - kHarmonyLevelZero;
  smooth<kMeanReach>(mean, smoothed);
  return smoothed;
}

void relative_levels(std::span<const std::uint8_t> row, std::span<const float> mean, std::span<float> out) {
  for (std::size_t b = 0; b < kHarmonyBands; ++b)
    out[b] = static_cast<float>(row[b]) / kHarmonyLevelsPerUnit - kHarmonyLevelZero - mean[b];
}

void read_harmony_inputs(std::span<const float> frame, std::span<float> out) {
  std::array<float, kHarmonyBands> around;
  smooth<kLocalReach>(frame, around);
  for (std::size_t p = 0; p < kHarmonyPitches; ++p) {
    float* to = out.data() + p * kHarmonyInputs;
    for (std::size_t s = 0; s < kBandsPerSemitone; ++s) {
      const std::size_t b = p * kBandsPerSemitone + s;
      to[s] = std::max(frame[b] / kLevelScale, kLevelFloor);
      to[kBandsPerSemitone + s] = std::max((frame[b] - around[b]) / kContrastScale, kContrastFloor);
    }
  }
}

}  // namespace pop2piano
