// SPDX-License-Identifier: MIT
#include "learning/studio/stereo.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "learning/studio/effects.h"

namespace pop2piano {
namespace {

using Sides = std::array<std::vector<float>, 2>;

void delay(std::vector<float>& samples, double seconds, double sample_rate) {
  const auto count = std::min(samples.size(), static_cast<std::size_t>(seconds * sample_rate));
  std::shift_right(samples.begin(), samples.end(), static_cast<std::ptrdiff_t>(count));
  std::fill_n(samples.begin(), count, 0.0F);
}

void widen(Sides& sides, const StereoPlace& place, double sample_rate, Random random) {
  switch (place.widening) {
    case Widening::none:
      break;
    case Widening::haas:
      delay(sides[1], place.delay_s, sample_rate);
      break;
    case Widening::chorus:
      for (std::size_t side = 0; side < sides.size(); ++side) {
        apply_chorus(sides[side], sample_rate, 0.002, 0.5, 0.6, random.fork(side));
      }
      break;
    case Widening::phase:
      apply_filter(sides[1], {.kind = FilterKind::all_pass, .frequency = place.phase_hz, .q = 0.5}, sample_rate);
      break;
  }
}

}  // namespace

void add_placed(std::span<const float> track, const StereoPlace& place, double sample_rate, Random random,
                Channels& mix) {
  if (mix.size() == 1) {
    for (std::size_t i = 0; i < track.size(); ++i) mix[0][i] += track[i];
    return;
  }
  Sides sides;
  sides.fill({track.begin(), track.end()});
  widen(sides, place, sample_rate, random);
  const double angle = (place.pan + 1) * std::numbers::pi / 4;
  const std::array gains = {std::numbers::sqrt2 * std::cos(angle), std::numbers::sqrt2 * std::sin(angle)};
  for (std::size_t side = 0; side < sides.size(); ++side) {
    const auto gain = static_cast<float>(gains[side]);
    for (std::size_t i = 0; i < track.size(); ++i) mix[side][i] += gain * sides[side][i];
  }
}

std::vector<float> folded(Channels mix) {
  std::vector<float> mono = std::move(mix.front());
  if (mix.size() == 1) return mono;
  for (std::size_t i = 0; i < mono.size(); ++i) mono[i] = 0.5F * (mono[i] + mix[1][i]);
  return mono;
}

}  // namespace pop2piano
