// SPDX-License-Identifier: MIT
// Which token a row of logits gives: the largest that is allowed, or a draw.
#pragma once

#include <pop2piano/model.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/core/random.h"

namespace pop2piano {

/// Throws Error(invalid_argument) naming the first option that is out of range.
void check_options(const GenerateOptions& options, const ModelConfig& config);

/// Chooses tokens; keeps scratch memory. One object per thread.
class Sampler {
 public:
  explicit Sampler(const GenerateOptions& options) : options_(options) {}

  /// `allowed` [vocab] or empty. Ties go to the lowest id. Draws take exactly one number from `random`.
  int choose(std::span<const float> logits, std::span<const std::uint8_t> allowed, Random& random);

 private:
  int draw(std::span<const float> logits, Random& random);

  const GenerateOptions& options_;
  std::vector<int> candidates_;
  std::vector<double> weights_;
};

}  // namespace pop2piano
