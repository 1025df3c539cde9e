// SPDX-License-Identifier: MIT
#include "learning/train/optimiser_options.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace pop2piano::training {

double RateSchedule::at(std::int64_t step) const {
  if (step < warmup_steps) return peak * static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
  const auto left = static_cast<double>(std::max<std::int64_t>(1, total_steps - warmup_steps));
  const double part = std::min(1.0, static_cast<double>(step - warmup_steps) / left);
  return floor + (peak - floor) * 0.5 * (1.0 + std::cos(std::numbers::pi * part));
}

}  // namespace pop2piano::training
