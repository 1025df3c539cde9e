// SPDX-License-Identifier: MIT
#include "listening/harmony/sounding_key.h"

#include <algorithm>
#include <numeric>

namespace pop2piano {
namespace {

constexpr double kStandsOut = 1.5;  // the strongest pitch class against the mean

}  // namespace

std::optional<Key> find_sounding_key(const PitchClassWeights& weights) {
  const double mean = std::accumulate(weights.begin(), weights.end(), 0.0) / 12;
  const auto [least, most] = std::minmax_element(weights.begin(), weights.end());
  if (!(mean > 0) || *most < kStandsOut * mean) return std::nullopt;
  PitchClassWeights above{};
  for (std::size_t i = 0; i < above.size(); ++i) above[i] = weights[i] - *least;
  return find_key(above);
}

}  // namespace pop2piano
