// SPDX-License-Identifier: MIT
#include "learning/train/convolution_trainer.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>
#include <vector>

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include "numbers/weights/safetensors.h"

namespace pop2piano::training {
namespace {

// Of versions that kept one checkpoint: its run is not overwritten, but cannot go on.
constexpr const char* kFormerCheckpoint = "checkpoint.safetensors";
constexpr double kBeta1 = 0.9, kBeta2 = 0.98, kEpsilon = 1e-8, kClipNorm = 1.0;

}  // namespace

ConvolutionTrainerOptions convolution_options(const TrainConfig& config, std::string weights_name, std::string format) {
  return {.output = config.output,
          .start_from = config.start_from,
          .weights_name = std::move(weights_name),
          .format = std::move(format),
          .seed = config.seed,
          .steps = config.steps,
          .batch = config.batch,
          .peak_rate = config.rate.peak,
          .warmup_steps = config.rate.warmup_steps,
          .weight_decay = config.optimiser.weight_decay,
          .average_decay = config.optimiser.average_decay,
          .checkpoint_every = config.checkpoint_every,
          .keep_checkpoints = config.keep_checkpoints};
}

ConvolutionTrainer::ConvolutionTrainer(FlatWeights& weights, ConvolutionTrainerOptions options, Start start, Work work)
    : weights_(weights),
      options_(std::move(options)),
      work_(std::move(work)),
      checkpoints_(options_.output / "checkpoints", options_.keep_checkpoints) {
  at::globalContext().setUserEnabledMkldnn(options_.onednn == Onednn::used);
  if (!options_.start_from.empty()) {
    const TensorSet set = read_safetensors(options_.start_from);
    for (const auto& [name, view] : weights_.named(weights_.flat())) restore(set, name, view);
  }
  mean_ = at::zeros_like(weights_.flat());
  square_ = at::zeros_like(weights_.flat());
  average_ = weights_.flat().clone();
  const bool there = !checkpoints_.files().empty() || std::filesystem::exists(options_.output / kFormerCheckpoint);
  if (there && start == Start::fresh) {
    throw Error(ErrorCode::already_exists,
                options_.output.string() + ": holds a run; go on with --resume or name another output folder");
  }
  if (start == Start::newest_checkpoint) resume();
}

// The cosine begins with the run and ends at a hundredth, where RateSchedule's begins after the rise.
double ConvolutionTrainer::rate(std::int64_t step) const {
  const auto t = static_cast<double>(step), all = static_cast<double>(options_.steps);
  if (step < options_.warmup_steps) return options_.peak_rate * (t + 1) / static_cast<double>(options_.warmup_steps);
  return options_.peak_rate * std::max(0.01, 0.5 + 0.5 * std::cos(std::numbers::pi * std::min(1.0, t / all)));
}

ConvolutionTrainer::StepResult ConvolutionTrainer::step() {
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
  weights.mul_(1 - rate(step_) * options_.weight_decay);
  weights.addcdiv_(mean_, root, -rate(step_) / (1 - std::pow(kBeta1, t)));
  const double decay = std::min(options_.average_decay, (1 + t) / (10 + t));
  average_.mul_(decay).add_(weights, 1 - decay);
  ++step_;
  return {loss.item<double>(), norm};
}

double ConvolutionTrainer::validate() {
  if (!work_.validate) return 0;
  const at::NoGradGuard no_grad;
  const auto kept = weights_.flat().clone();
  weights_.flat().copy_(average_);
  const double loss = work_.validate();
  weights_.flat().copy_(kept);
  return loss;
}

void ConvolutionTrainer::log_window(const StepResult& sums, std::int64_t steps, double seconds) {
  const auto count = static_cast<double>(steps);
  const double loss = sums.loss / count, held_out = validate();
  log_->add(LogLine{.step = step_,
                    .loss = loss,
                    .rate = rate(step_ - 1),
                    .norm = sums.norm / count,
                    .segments_per_second = static_cast<double>(options_.batch) * count / seconds,
                    .seconds = seconds_});
  if (work_.validate) log_->add(ValidationLine{.step = step_, .loss = held_out});
  log_->draw();
  if (!work_.note) return;
  const std::string validation = work_.validate ? fmt::format("validation {:.4f}  ", held_out) : "";
  work_.note(fmt::format("step {}  loss {:.4f}  {}{:.0f} s", step_, loss, validation, seconds_));
}

void ConvolutionTrainer::run(const CancelToken& cancel) {
  checkpoints_.create();
  log_ = std::make_unique<TrainingLog>(options_.output, step_);
  StepResult sums;
  std::int64_t count = 0;
  auto before = std::chrono::steady_clock::now();
  while (step_ < options_.steps && !cancel.cancelled()) {
    const StepResult result = step();
    sums.loss += result.loss;
    sums.norm += result.norm;
    ++count;
    if (step_ % options_.checkpoint_every != 0 && step_ != options_.steps) continue;
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - before).count();
    seconds_ += seconds;
    before = now;
    save();
    export_weights();
    log_window(sums, count, seconds);
    sums = {};
    count = 0;
  }
  if (step_ < options_.steps) {
    save();
    cancel.check();
  }
}

void ConvolutionTrainer::save() const {
  const auto state = at::tensor({static_cast<double>(step_), seconds_}, at::kFloat);
  const auto weights = weights_.flat().cpu(), mean = mean_.cpu(), square = square_.cpu(), average = average_.cpu();
  checkpoints_.save(step_,
                    {{"weights", borrowed(weights)},
                     {"mean", borrowed(mean)},
                     {"square", borrowed(square)},
                     {"average", borrowed(average)},
                     {"state", borrowed(state)}},
                    {{"format", options_.format + ".train"}});
}

void ConvolutionTrainer::resume() {
  const auto state = at::empty({2});
  std::string skipped;
  const auto set = checkpoints_.newest([&](const TensorSet& found) { restore(found, "state", state); }, skipped);
  if (!skipped.empty() && work_.note) work_.note("skipped a damaged checkpoint: " + skipped);
  if (!set) {
    const bool former = std::filesystem::exists(options_.output / kFormerCheckpoint);
    throw Error(
        ErrorCode::not_found,
        (options_.output / "checkpoints").string() + ": no checkpoint that can be read; " +
            (former ? "the run is of a former version: go on from its weights with start_from, in another folder"
                    : "start without --resume"));
  }
  restore(*set, "weights", weights_.flat());
  restore(*set, "mean", mean_);
  restore(*set, "square", square_);
  restore(*set, "average", average_);
  step_ = static_cast<std::int64_t>(state[0].item<double>());
  seconds_ = state[1].item<double>();
}

void ConvolutionTrainer::export_weights() const {
  std::map<std::string, std::vector<float>> values;
  for (const auto& [name, view] : weights_.named(average_.cpu())) {
    const float* first = view.data_ptr<float>();
    values[name].assign(first, first + view.numel());
  }
  write_network_parts(options_.output / options_.weights_name, weights_.parts(), values,
                      {{"format", options_.format}, {"steps", std::to_string(step_)}});
}

}  // namespace pop2piano::training
