// SPDX-License-Identifier: MIT
#include "learning/train/small_trainer.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <map>
#include <numbers>
#include <utility>
#include <vector>

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include "learning/train/training_log.h"
#include "numbers/weights/safetensors.h"

namespace pop2piano::training {
namespace {

constexpr const char* kCheckpoint = "checkpoint.safetensors";
constexpr double kBeta1 = 0.9, kBeta2 = 0.98, kEpsilon = 1e-8, kClipNorm = 1.0;

void load(const TensorSet& set, const std::string& name, const at::Tensor& to) {
  const Tensor* tensor = set.find(name);
  if (tensor == nullptr || tensor->shape != Shape(to.sizes().begin(), to.sizes().end())) {
    throw Error(ErrorCode::malformed,
                set.file + ": " + name + " is missing or belongs to another network; name another file or folder");
  }
  const auto values = to_floats(*tensor, name, set.file);
  to.copy_(at::tensor(values).view(to.sizes()));
}

// Of a tensor in the processor's memory.
Tensor borrowed(const at::Tensor& values) {
  return {DataType::f32,
          Shape(values.sizes().begin(), values.sizes().end()),
          {static_cast<const std::byte*>(values.data_ptr()), static_cast<std::size_t>(values.nbytes())}};
}

}  // namespace

SmallTrainer::SmallTrainer(FlatWeights& weights, SmallTrainerOptions options, Start start, Work work)
    : weights_(weights), options_(std::move(options)), work_(std::move(work)) {
  if (!options_.start_from.empty()) {
    const TensorSet set = read_safetensors(options_.start_from);
    for (const auto& [name, view] : weights_.named(weights_.flat())) load(set, name, view);
  }
  mean_ = at::zeros_like(weights_.flat());
  square_ = at::zeros_like(weights_.flat());
  average_ = weights_.flat().clone();
  const bool there = std::filesystem::exists(options_.output / kCheckpoint);
  if (there && start == Start::fresh) {
    throw Error(ErrorCode::already_exists,
                options_.output.string() + ": holds a run; go on with --resume or name another output folder");
  }
  if (start == Start::newest_checkpoint) resume();
}

double SmallTrainer::rate() const {
  const auto t = static_cast<double>(step_), all = static_cast<double>(options_.steps);
  if (step_ < options_.warmup_steps) return options_.peak_rate * (t + 1) / static_cast<double>(options_.warmup_steps);
  return options_.peak_rate * std::max(0.01, 0.5 + 0.5 * std::cos(std::numbers::pi * std::min(1.0, t / all)));
}

double SmallTrainer::step() {
  at::manual_seed(static_cast<std::uint64_t>(options_.seed * 1000003 + step_));
  const auto loss = work_.loss(step_);
  loss.backward();
  const at::NoGradGuard no_grad;
  auto gradient = weights_.take_gradient();
  const double norm = gradient.norm().item<double>();
  if (!std::isfinite(norm)) {
    throw Error(ErrorCode::malformed, fmt::format("{}: step {}: the gradient is not finite; lower peak_rate",
                                                  options_.output.string(), step_));
  }
  if (norm > kClipNorm) gradient.mul_(kClipNorm / norm);
  const auto t = static_cast<double>(step_ + 1);
  mean_.mul_(kBeta1).add_(gradient, 1 - kBeta1);
  square_.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
  const auto root = (square_ / (1 - std::pow(kBeta2, t))).sqrt_().add_(kEpsilon);
  const at::Tensor& weights = weights_.flat();
  weights.mul_(1 - rate() * options_.weight_decay);
  weights.addcdiv_(mean_, root, -rate() / (1 - std::pow(kBeta1, t)));
  const double decay = std::min(options_.average_decay, (1 + t) / (10 + t));
  average_.mul_(decay).add_(weights, 1 - decay);
  ++step_;
  return loss.item<double>();
}

double SmallTrainer::validate() {
  if (!work_.validate) return 0;
  const at::NoGradGuard no_grad;
  const auto kept = weights_.flat().clone();
  weights_.flat().copy_(average_);
  const double loss = work_.validate();
  weights_.flat().copy_(kept);
  return loss;
}

void SmallTrainer::run(const CancelToken& cancel) {
  double sum = 0;
  std::int64_t count = 0;
  auto before = std::chrono::steady_clock::now();
  while (step_ < options_.steps && !cancel.cancelled()) {
    sum += step();
    ++count;
    if (step_ % options_.checkpoint_every != 0 && step_ != options_.steps) continue;
    const auto now = std::chrono::steady_clock::now();
    seconds_ += std::chrono::duration<double>(now - before).count();
    before = now;
    save();
    export_weights();
    const double held_out = validate();
    std::ofstream(options_.output / "log.csv", std::ios::app)
        << fmt::format("{},{:.5f},{:.5f},{:.1f}\n", step_, sum / static_cast<double>(count), held_out, seconds_);
    draw_losses(options_.output);
    if (work_.note) {
      const std::string validation = work_.validate ? fmt::format("validation {:.4f}  ", held_out) : "";
      work_.note(fmt::format("step {}  loss {:.4f}  {}{:.0f} s", step_, sum / static_cast<double>(count), validation,
                             seconds_));
    }
    sum = 0;
    count = 0;
  }
  if (step_ < options_.steps) {
    save();
    cancel.check();
  }
}

void SmallTrainer::save() const {
  std::filesystem::create_directories(options_.output);
  const auto state = at::tensor({static_cast<double>(step_), seconds_}, at::kFloat);
  const auto weights = weights_.flat().cpu(), mean = mean_.cpu(), square = square_.cpu(), average = average_.cpu();
  write_safetensors(options_.output / kCheckpoint,
                    {{"weights", borrowed(weights)},
                     {"mean", borrowed(mean)},
                     {"square", borrowed(square)},
                     {"average", borrowed(average)},
                     {"state", borrowed(state)}},
                    {{"format", options_.format + ".train"}});
}

void SmallTrainer::resume() {
  const TensorSet set = read_safetensors(options_.output / kCheckpoint);
  const auto state = at::empty({2});
  load(set, "weights", weights_.flat());
  load(set, "mean", mean_);
  load(set, "square", square_);
  load(set, "average", average_);
  load(set, "state", state);
  step_ = static_cast<std::int64_t>(state[0].item<double>());
  seconds_ = state[1].item<double>();
}

void SmallTrainer::export_weights() const {
  std::map<std::string, std::vector<float>> values;
  for (const auto& [name, view] : weights_.named(average_.cpu())) {
    const float* first = view.data_ptr<float>();
    values[name].assign(first, first + view.numel());
  }
  write_network_parts(options_.output / options_.weights_name, weights_.parts(), values,
                      {{"format", options_.format}, {"steps", std::to_string(step_)}});
}

}  // namespace pop2piano::training
