// SPDX-License-Identifier: MIT
// AdamW over flat arrays, with gradient clipping and a moving average of the weights, and the learning rate's course.
#pragma once

#include <cstdint>

#include "learning/train/optimiser_options.h"
#include "learning/train_t5/parameters.h"

namespace pop2piano::training {

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

}  // namespace pop2piano::training
