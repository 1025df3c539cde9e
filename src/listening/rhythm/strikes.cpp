// SPDX-License-Identifier: MIT
#include "listening/rhythm/strikes.h"

#include <algorithm>
#include <cmath>

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

float strongest_around(const std::vector<float>& curve, std::size_t at, std::size_t before, std::size_t after) {
  const std::size_t first = at > before ? at - before : 0, end = std::min(curve.size(), at + after + 1);
  if (first >= end) return 0.0F;
  return *std::max_element(curve.begin() + static_cast<std::ptrdiff_t>(first),
                           curve.begin() + static_cast<std::ptrdiff_t>(end));
}

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
}

}  // namespace pop2piano
