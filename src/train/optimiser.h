// SPDX-License-Identifier: MIT
// AdamW over flat arrays, with gradient clipping and a moving average of the weights, and the learning rate's course.
#pragma once

#include <cstdint>

#include "train/parameters.h"

namespace pop2piano {

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

/// State of the optimiser; the arrays have the layout of Parameters::master().
class Optimiser {
 public:
  Optimiser(Parameters& parameters, const OptimiserOptions& options);

  /// Gradients are summed here by Parameters::collect_gradients().
  [[nodiscard]] at::Tensor& gradient() { return gradient_; }
  /// One step with gradient * scale. Returns the norm before clipping. If that is not finite nothing is changed.
  double step(double rate, double scale);
  void clear_gradient() { gradient_.zero_(); }
  /// The average becomes the weights; the moments become zero.
  void restart();

  [[nodiscard]] const at::Tensor& average() const { return average_; }
  [[nodiscard]] std::int64_t steps() const { return steps_; }

  struct State {
    at::Tensor mean, square, average;
    std::int64_t steps = 0;
  };
  [[nodiscard]] State state() const { return {mean_, square_, average_, steps_}; }
  void restore(const State& state);

 private:
  [[nodiscard]] double gradient_norm() const;
  void step_on_cpu(double rate, double gradient_scale);
  void step_on_device(double rate, double gradient_scale);
  [[nodiscard]] double average_decay() const;

  Parameters& parameters_;
  OptimiserOptions options_;
  at::Tensor gradient_, mean_, square_, average_;  // [size] float each
  std::int64_t steps_ = 0;
};

}  // namespace pop2piano
