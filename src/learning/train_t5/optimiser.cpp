// SPDX-License-Identifier: MIT
#include "learning/train_t5/optimiser.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "learning/train/row_kernels.h"

namespace pop2piano::training {
namespace {

constexpr std::int64_t kChunk = 1 << 15;  // fixed, so that sums do not depend on the number of threads

template <typename Body>
void for_chunks(std::int64_t size, const Body& body) {
  const std::int64_t chunks = (size + kChunk - 1) / kChunk;
  at::parallel_for(0, chunks, 4, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t c = first; c < last; ++c) {
      body(c, c * kChunk, static_cast<std::size_t>(std::min(kChunk, size - c * kChunk)));
    }
  });
}

}  // namespace

Optimiser::Optimiser(Parameters& parameters, const OptimiserOptions& options)
    : parameters_(parameters), options_(options) {
  gradient_ = at::zeros_like(parameters.master());
  mean_ = at::zeros_like(parameters.master());
  square_ = at::zeros_like(parameters.master());
  average_ = parameters.master().detach().clone();
}

void Optimiser::restart() {
  mean_.zero_();
  square_.zero_();
  average_.copy_(parameters_.master());
  steps_ = 0;
}

void Optimiser::restore(const State& state) {
  mean_.copy_(state.mean);
  square_.copy_(state.square);
  average_.copy_(state.average);
  steps_ = state.steps;
}

double Optimiser::gradient_norm() const {
  if (!gradient_.is_cpu()) return gradient_.norm().item<double>();
  const std::int64_t size = gradient_.numel();
  std::vector<double> sums(static_cast<std::size_t>((size + kChunk - 1) / kChunk));
  const float* values = gradient_.data_ptr<float>();
  for_chunks(size, [&](std::int64_t chunk, std::int64_t first, std::size_t count) {
    sums[static_cast<std::size_t>(chunk)] = row::square_sum(values + first, count);
  });
  double sum = 0.0;
  for (const double part : sums) sum += part;
  return std::sqrt(sum);
}

// A young average would remember the start for too long (as in Adam's correction).
double Optimiser::average_decay() const {
  const auto t = static_cast<double>(steps_);
  return std::min(options_.average_decay, (1.0 + t) / (10.0 + t));
}

double Optimiser::step(double rate, double scale) {
  const at::NoGradGuard no_grad;
  const double norm = gradient_norm() * scale;
  if (!std::isfinite(norm)) return norm;
  const bool clipped = options_.clip_norm > 0.0 && norm > options_.clip_norm;
  const double gradient_scale = clipped ? scale * options_.clip_norm / norm : scale;
  ++steps_;
  if (gradient_.is_cpu()) {
    step_on_cpu(rate, gradient_scale);
  } else {
    step_on_device(rate, gradient_scale);
  }
  parameters_.refresh();
  return norm;
}

void Optimiser::step_on_cpu(double rate, double gradient_scale) {
  const auto t = static_cast<double>(steps_);
  row::AdamWStep s;
  s.rate = static_cast<float>(rate);
  s.beta1 = static_cast<float>(options_.beta1);
  s.beta2 = static_cast<float>(options_.beta2);
  s.epsilon = static_cast<float>(options_.epsilon);
  s.weight_decay = static_cast<float>(options_.weight_decay);
  s.correction1 = static_cast<float>(1.0 - std::pow(options_.beta1, t));
  s.correction2 = static_cast<float>(1.0 - std::pow(options_.beta2, t));
  s.gradient_scale = static_cast<float>(gradient_scale);
  s.average_decay = static_cast<float>(average_decay());
  float* weight = parameters_.master().data_ptr<float>();
  const float* gradient = gradient_.data_ptr<float>();
  float *mean = mean_.data_ptr<float>(), *square = square_.data_ptr<float>(), *average = average_.data_ptr<float>();
  for_chunks(gradient_.numel(), [&](std::int64_t, std::int64_t first, std::size_t count) {
    row::adamw(s, gradient + first, weight + first, mean + first, square + first, average + first, count);
  });
}

void Optimiser::step_on_device(double rate, double gradient_scale) {
  const auto t = static_cast<double>(steps_);
  const auto gradient = gradient_ * gradient_scale;
  mean_.mul_(options_.beta1).add_(gradient, 1.0 - options_.beta1);
  square_.mul_(options_.beta2).addcmul_(gradient, gradient, 1.0 - options_.beta2);
  const auto root = (square_ / (1.0 - std::pow(options_.beta2, t))).sqrt_().add_(options_.epsilon);
  const auto& weight = parameters_.master();
  weight.mul_(1.0 - rate * options_.weight_decay);
  weight.addcdiv_(mean_, root, -rate / (1.0 - std::pow(options_.beta1, t)));
  const double decay = average_decay();
  average_.mul_(decay).add_(weight, 1.0 - decay);
}

}  // namespace pop2piano::training
