// SPDX-License-Identifier: MIT
#include "learning/studio/tape_speed.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace pop2piano {
namespace {

constexpr std::ptrdiff_t kReach = 12;
constexpr std::size_t kPhases = 256, kTaps = 2 * kReach;

// The window's weights between two samples, in kPhases steps: [kPhases, kTaps].
std::vector<float> weights_below(double cutoff) {
  std::vector<float> table(kPhases * kTaps);
  for (std::size_t p = 0; p < kPhases; ++p) {
    for (int k = 0; k < static_cast<int>(kTaps); ++k) {
      const double x = k - kReach + 1 - static_cast<double>(p) / kPhases, pix = std::numbers::pi * cutoff * x;
      const double sinc = std::abs(pix) < 1e-9 ? 1.0 : std::sin(pix) / pix;
      table[p * kTaps + static_cast<std::size_t>(k)] =
          static_cast<float>(cutoff * sinc * (0.5 + 0.5 * std::cos(std::numbers::pi * x / (kReach + 1))));
    }
  }
  return table;
}

}  // namespace

std::vector<float> at_tape_speed(const std::vector<float>& samples, double speed) {
  const std::vector<float> table = weights_below(std::min(1.0, 1.0 / speed) * 0.95);
  std::vector<float> out(static_cast<std::size_t>(static_cast<double>(samples.size()) / speed));
  const auto last = static_cast<std::ptrdiff_t>(samples.size()) - 1;
  for (std::size_t n = 0; n < out.size(); ++n) {
    const double at = static_cast<double>(n) * speed;
    const auto base = static_cast<std::ptrdiff_t>(at);
    const auto phase = static_cast<std::size_t>((at - static_cast<double>(base)) * kPhases);
    if (base < kReach || base + kReach >= last) continue;
    const float* weights = table.data() + phase * kTaps;
    float sum = 0;
    for (std::ptrdiff_t k = 0; k < static_cast<std::ptrdiff_t>(kTaps); ++k)
      sum += weights[k] * samples[static_cast<std::size_t>(base - kReach + 1 + k)];
    out[n] = sum;
  }
  return out;
}

}  // namespace pop2piano
