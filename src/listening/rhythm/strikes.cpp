// SPDX-License-Identifier: MIT
#include "listening/rhythm/strikes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pop2piano {

std::vector<float> rises_of(Span2D<const std::uint8_t> bands, BandRange range) {
  constexpr int kFaint = 120;  // -60 dB
  std::vector<float> curve(bands.rows(), 0.0F);
  for (std::size_t t = 2; t < bands.rows(); ++t) {
    int rise = 0;
    for (std::size_t b = range.first; b < range.end; ++b)
      rise += std::max(0, bands(t, b) - std::max<int>(bands(t - 2, b), kFaint));
    curve[t] = static_cast<float>(rise) / static_cast<float>(range.end - range.first);
  }
  return curve;
}

namespace {

// Peaks that rise above the mean; between the first and the last.
double strokes_per_second(const std::vector<float>& rises) {
  constexpr double kAbove = 2.5;
  const double mean =
      std::accumulate(rises.begin(), rises.end(), 0.0) / static_cast<double>(std::max<std::size_t>(1, rises.size()));
  std::size_t count = 0, first = 0, last = 0;
  for (std::size_t t = 2; t + 2 < rises.size(); ++t) {
    const float here = rises[t];
    const bool peak = here >= rises[t - 1] && here >= rises[t - 2] && here > rises[t + 1] && here > rises[t + 2];
    if (!peak || static_cast<double>(here) <= kAbove * mean) continue;
    if (count++ == 0) first = t;
    last = t;
  }
  return count > 1 ? static_cast<double>(count - 1) * kBeatInputRate / static_cast<double>(last - first) : 0.0;
}

}  // namespace

void add_strikes(Span2D<const std::uint8_t> bands, BeatEvidence& evidence) {
  const double scale = kBeatInputRate / evidence.frame_rate;
  const auto reach = static_cast<std::size_t>(std::lround(scale / 2));
  const auto at_rate = [&](BandRange range) {
    const std::vector<float> curve = rises_of(bands, range);
    std::vector<float> result(evidence.frames(), 0.0F);
    for (std::size_t t = 0; t < result.size(); ++t)
      result[t] = strongest_around(curve, static_cast<std::size_t>(static_cast<double>(t) * scale), reach, reach);
    return result;
  };
  evidence.kick = at_rate(kKickBands);
  evidence.strike = at_rate({0, kBeatBands});
  evidence.strokes_per_second = strokes_per_second(rises_of(bands, {0, kBeatBands}));
}

}  // namespace pop2piano
