// SPDX-License-Identifier: MIT
// Settings of the optimiser and the learning rate's course.
#pragma once

#include <cstdint>

namespace pop2piano::training {

struct OptimiserOptions {
  double beta1 = 0.9;
  double beta2 = 0.98;
  double epsilon = 1e-8;
  double weight_decay = 0.01;    ///< decoupled, per step times the rate
  double clip_norm = 1.0;        ///< largest norm of a step's gradient; 0: none
  double average_decay = 0.998;  ///< of the moving average of weights; 0: the average is the weights
};

/// Steps of linear rise, then a cosine to `floor`; step counts from 0.
struct RateSchedule {
  double peak = 1.5e-3;
  double floor = 0.0;
  std::int64_t warmup_steps = 400;
  std::int64_t total_steps = 10000;
  [[nodiscard]] double at(std::int64_t step) const;
};

}  // namespace pop2piano::training
