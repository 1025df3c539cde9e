// SPDX-License-Identifier: MIT
#include "train/beats_trainer.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <numbers>
#include <utility>

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include "kernels/packed_matrix.h"
#include "model/safetensors.h"
#include "rhythm/beat_network.h"

namespace pop2piano::training {
namespace {

constexpr const char* kCheckpoint = "checkpoint.safetensors";
constexpr double kBeta1 = 0.9, kBeta2 = 0.98, kEpsilon = 1e-8, kClipNorm = 1.0;

std::vector<double> weights_of(const std::vector<BeatSource>& sources) {
  std::vector<double> weights;
  for (const BeatSource& source : sources) weights.push_back(source.weight);
  return weights;
}

void load(const TensorSet& set, const std::string& name, const at::Tensor& to) {
  const Tensor* tensor = set.find(name);
  if (tensor == nullptr || tensor->shape != Shape(to.sizes().begin(), to.sizes().end())) {
    throw Error(ErrorCode::malformed,
                set.file + ": " + name + " is missing or belongs to another network; name another file or folder");
  }
  const auto values = to_floats(*tensor, name, set.file);
  std::copy(values.begin(), values.end(), to.data_ptr<float>());
}

Tensor borrowed(const at::Tensor& values) {
  return {DataType::f32,
          Shape(values.sizes().begin(), values.sizes().end()),
          {static_cast<const std::byte*>(values.data_ptr()), static_cast<std::size_t>(values.nbytes())}};
}

}  // namespace

BeatTrainer::BeatTrainer(BeatTrainConfig config, const std::vector<std::filesystem::path>& features,
                         const std::vector<std::filesystem::path>& validation, Start start, BeatTrainerEvents events)
    : config_(std::move(config)),
      events_(std::move(events)),
      output_(config_.output),
      songs_(features, weights_of(config_.records)),
      network_(static_cast<std::uint64_t>(config_.seed)) {
  at::set_num_threads(static_cast<int>(config_.threads));
  if (!validation.empty()) {
    validation_ = std::make_unique<BeatTrainingSongs>(validation, weights_of(config_.validation));
  }
  if (!config_.start_from.empty()) begin_with(config_.start_from);
  mean_ = at::zeros_like(network_.flat());
  square_ = at::zeros_like(network_.flat());
  average_ = network_.flat().clone();
  const bool there = std::filesystem::exists(output_ / kCheckpoint);
  if (there && start == Start::fresh) {
    throw Error(ErrorCode::already_exists,
                output_.string() + ": holds a run; go on with --resume or name another output folder");
  }
  if (start == Start::newest_checkpoint) resume();
  if (events_.note) events_.note(fmt::format("{} songs, {} weights", songs_.size(), network_.flat().numel()));
}

BeatBatch BeatTrainer::batch_of(const BeatTrainingSongs& songs, Hearing hearing, std::uint64_t stream) const {
  const std::int64_t n = config_.batch, frames = config_.segment_frames;
  const auto bands = static_cast<std::int64_t>(kBeatBands), harmony = static_cast<std::int64_t>(kHarmonyInputs);
  BeatBatch batch{.bands = at::empty({n, 1, 2 * frames, bands}),
                  .harmony = at::empty({n, harmony, frames}),
                  .beat = at::empty({n, frames}),
                  .downbeat = at::empty({n, frames}),
                  .weight = at::empty({n, frames})};
  for (std::int64_t i = 0; i < n; ++i) {
    Random random = Random(static_cast<std::uint64_t>(config_.seed)).fork(stream).fork(static_cast<std::uint64_t>(i));
    const BeatSegment segment = songs.draw(static_cast<std::size_t>(frames), hearing, random);
    const auto put = [&](const std::vector<float>& from, const at::Tensor& to) {
      std::copy(from.begin(), from.end(), to.data_ptr<float>() + i * static_cast<std::int64_t>(from.size()));
    };
    put(segment.bands, batch.bands);
    put(segment.harmony, batch.harmony);
    put(segment.beat, batch.beat);
    put(segment.downbeat, batch.downbeat);
    put(segment.weight, batch.weight);
  }
  return batch;
}

double BeatTrainer::rate() const {
  const auto t = static_cast<double>(step_), all = static_cast<double>(config_.steps);
  if (step_ < config_.warmup_steps) return config_.peak_rate * (t + 1) / static_cast<double>(config_.warmup_steps);
  return config_.peak_rate * std::max(0.01, 0.5 + 0.5 * std::cos(std::numbers::pi * std::min(1.0, t / all)));
}

double BeatTrainer::step() {
  at::manual_seed(static_cast<std::uint64_t>(config_.seed * 1000003 + step_));
  const BeatBatch batch = batch_of(songs_, Hearing::varied, static_cast<std::uint64_t>(step_) + 1);
  const auto loss = network_.loss(batch, config_.dropout, config_.downbeat_weight);
  loss.backward();
  const at::NoGradGuard no_grad;
  auto gradient = network_.take_gradient();
  const double norm = gradient.norm().item<double>();
  if (!std::isfinite(norm)) {
    throw Error(ErrorCode::malformed,
                fmt::format("{}: step {}: the gradient is not finite; lower peak_rate", output_.string(), step_));
  }
  if (norm > kClipNorm) gradient.mul_(kClipNorm / norm);
  const auto t = static_cast<double>(step_ + 1);
  mean_.mul_(kBeta1).add_(gradient, 1 - kBeta1);
  square_.mul_(kBeta2).addcmul_(gradient, gradient, 1 - kBeta2);
  const auto root = (square_ / (1 - std::pow(kBeta2, t))).sqrt_().add_(kEpsilon);
  const at::Tensor& weights = network_.flat();
  weights.mul_(1 - rate() * config_.weight_decay);
  weights.addcdiv_(mean_, root, -rate() / (1 - std::pow(kBeta1, t)));
  const double decay = std::min(config_.average_decay, (1 + t) / (10 + t));
  average_.mul_(decay).add_(weights, 1 - decay);
  ++step_;
  return loss.item<double>();
}

double BeatTrainer::validate() {
  if (!validation_) return 0;
  const at::NoGradGuard no_grad;
  const auto kept = network_.flat().clone();
  network_.flat().copy_(average_);
  double sum = 0;
  for (std::int64_t i = 0; i < config_.validation_batches; ++i) {
    const BeatBatch batch =
        batch_of(*validation_, Hearing::plain, (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(i));
    sum += network_.loss(batch, 0, config_.downbeat_weight).item<double>();
  }
  network_.flat().copy_(kept);
  return sum / static_cast<double>(config_.validation_batches);
}

void BeatTrainer::run(const CancelToken& cancel) {
  double sum = 0;
  std::int64_t count = 0;
  auto before = std::chrono::steady_clock::now();
  while (step_ < config_.steps && !cancel.cancelled()) {
    sum += step();
    ++count;
    if (step_ % config_.checkpoint_every != 0 && step_ != config_.steps) continue;
    const auto now = std::chrono::steady_clock::now();
    seconds_ += std::chrono::duration<double>(now - before).count();
    before = now;
    save();
    export_weights();
    const double held_out = validate();
    std::ofstream(output_ / "log.csv", std::ios::app)
        << fmt::format("{},{:.5f},{:.5f},{:.1f}\n", step_, sum / static_cast<double>(count), held_out, seconds_);
    if (events_.note) {
      events_.note(fmt::format("step {}  loss {:.4f}  validation {:.4f}  {:.0f} s", step_,
                               sum / static_cast<double>(count), held_out, seconds_));
    }
    sum = 0;
    count = 0;
  }
  if (step_ < config_.steps) {
    save();
    cancel.check();
  }
}

void BeatTrainer::begin_with(const std::filesystem::path& weights) {
  const TensorSet set = read_safetensors(weights);
  for (const auto& [name, view] : network_.named(network_.flat())) load(set, name, view);
}

void BeatTrainer::save() const {
  std::filesystem::create_directories(output_);
  const auto state = at::tensor({static_cast<double>(step_), seconds_}, at::kFloat);
  write_safetensors(output_ / kCheckpoint,
                    {{"weights", borrowed(network_.flat())},
                     {"mean", borrowed(mean_)},
                     {"square", borrowed(square_)},
                     {"average", borrowed(average_)},
                     {"state", borrowed(state)}},
                    {{"format", "pop2piano.beats.train/1"}});
}

void BeatTrainer::resume() {
  const TensorSet set = read_safetensors(output_ / kCheckpoint);
  const auto state = at::empty({2});
  load(set, "weights", network_.flat());
  load(set, "mean", mean_);
  load(set, "square", square_);
  load(set, "average", average_);
  load(set, "state", state);
  step_ = static_cast<std::int64_t>(state[0].item<double>());
  seconds_ = state[1].item<double>();
}

void BeatTrainer::export_weights() const {
  std::map<std::string, std::vector<std::uint16_t>> kept;
  std::map<std::string, Tensor, std::less<>> tensors;
  for (const auto& [name, view] : network_.named(average_)) {
    auto& bits = kept[name];
    const float* values = view.data_ptr<float>();
    for (std::int64_t i = 0; i < view.numel(); ++i) bits.push_back(kernels::to_bf16(values[i]));
    tensors[name] = {DataType::bf16, Shape(view.sizes().begin(), view.sizes().end()), std::as_bytes(std::span(bits))};
  }
  write_safetensors(output_ / "beats.safetensors", tensors,
                    {{"format", kBeatNetworkFormat}, {"steps", std::to_string(step_)}});
}

}  // namespace pop2piano::training
