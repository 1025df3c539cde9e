// SPDX-License-Identifier: MIT
// What networks do to the sums of a layer, and how their last layer's sums become chances.
#pragma once

#include <algorithm>
#include <cmath>
#include <span>

namespace pop2piano::nets {

inline constexpr auto identity = [](float x) { return x; };
inline constexpr auto relu = [](float x) { return std::max(0.0F, x); };
inline constexpr auto elu = [](float x) { return x > 0 ? x : std::exp(x) - 1; };
inline constexpr auto logistic = [](float x) { return 1 / (1 + std::exp(-x)); };

[[nodiscard]] inline float dot(std::span<const float> a, std::span<const float> b) {
  float sum = 0.0F;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Logits become chances, among themselves and `none`, the logit of another answer.
inline void softmax(std::span<float> logits, float none) {
  const float most = std::max(none, *std::ranges::max_element(logits));
  float sum = std::exp(none - most);
  for (float& logit : logits) sum += logit = std::exp(logit - most);
  for (float& logit : logits) logit /= sum;
}

}  // namespace pop2piano::nets
