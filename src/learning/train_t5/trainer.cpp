// SPDX-License-Identifier: MIT
#include "learning/train_t5/trainer.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/core/output_file.h"
#include "learning/train/devices.h"
#include "learning/train_t5/batches.h"
#include "learning/train_t5/model_files.h"
#include "learning/train_t5/validation.h"

namespace pop2piano::training {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Reads what the config's `key` names; errors say so.
template <typename Read>
auto read_named(const char* key, const std::string& path, const Read& read) {
  try {
    return read(path);
  } catch (const Error& error) {
    throw Error(error.code(), std::string(key) + ": " + error.what());
  }
}

ModelConfig architecture_of(const TrainConfig& config) {
  if (config.architecture.empty() && config.start_from.empty()) {
    throw Error(ErrorCode::invalid_argument,
                "neither architecture (a config.json) nor start_from (a model to go on from) is given; models/default "
                "has both");
  }
  auto model = config.architecture.empty() ? read_named("start_from", config.start_from, read_architecture)
                                           : read_named("architecture", config.architecture, read_architecture);
  model.max_tokens = static_cast<int>(config.max_tokens);
  return model;
}

at::ScalarType type_named(const std::string& precision) { return precision == "bf16" ? at::kBFloat16 : at::kFloat; }

/// The averaged weights stand in for the weights while this lives.
class AveragedWeights {
 public:
  AveragedWeights(Parameters& parameters, const Optimiser& optimiser)
      : parameters_(parameters), kept_(parameters.master().clone()) {
    put(optimiser.average());
  }
  ~AveragedWeights() { put(kept_); }
  AveragedWeights(const AveragedWeights&) = delete;
  AveragedWeights& operator=(const AveragedWeights&) = delete;

 private:
  void put(const at::Tensor& values) {
    const at::NoGradGuard no_grad;
    parameters_.master().copy_(values);
    parameters_.refresh();
  }
  Parameters& parameters_;
  at::Tensor kept_;
};

void set_threads(const TrainConfig& config) {
  if (config.threads > 0) use_threads(static_cast<int>(config.threads));
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < 8; ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > 8 ? text + ", ..." : text;
}

}  // namespace

at::Tensor weighted_loss(const at::Tensor& logits, const Batch& batch, double label_smoothing) {
  const auto targets = batch.targets.to(logits.device()), weights = batch.weights.to(logits.device());
  const auto log_probabilities = at::log_softmax(logits.to(at::kFloat), 1);
  auto loss = -log_probabilities.gather(1, targets.unsqueeze(1)).squeeze(1);
  if (label_smoothing > 0.0) {
    loss = loss * (1.0 - label_smoothing) - log_probabilities.mean(1) * label_smoothing;
  }
  return (loss * weights).sum();
}

Trainer::Trainer(TrainConfig config, StartFrom start, TrainerEvents events, const SegmentMaker& segments_of)
    : config_((set_threads(config), std::move(config))),
      events_(std::move(events)),
      model_(architecture_of(config_)),
      device_(device_named(config_.device)),
      communicator_(connect_processes(device_)),
      output_(config_.output),
      parameters_(network_shape_of(model_), device_, type_named(config_.precision)),
      optimiser_(parameters_, config_.optimiser),
      network_(network_shape_of(model_), parameters_, config_.dropout),
      batches_(segments_of(config_, model_, Split::train, {communicator_->rank(), communicator_->size()},
                           parameters_.type())),
      validation_(segments_of(config_, model_, Split::validation, Share{}, parameters_.type())),
      checkpoints_(output_ / "checkpoints", config_.keep_checkpoints) {
  checkpoints_.create();
  if (validation_->song_count() == 0) validation_.reset();
  for (const auto& problem : batches_->problems()) note("records: " + problem);
  begin(start);
}

Trainer::~Trainer() = default;

void Trainer::note(const std::string& line) const {
  if (first() && events_.note) events_.note(line);
}

Error Trainer::nothing_to_resume() const {
  const std::string found = (output_ / "checkpoints").string() + ": no checkpoint that can be read; ";
  if (communicator_->size() == 1) return {ErrorCode::not_found, found + "start without --resume"};
  return {
      ErrorCode::not_found,
      fmt::format("process {} of {}: {}all processes of a run, on any machine, need the same output folder; if it is "
                  "the same, start all without --resume",
                  communicator_->rank(), communicator_->size(), found)};
}

void Trainer::begin(StartFrom start) {
  const bool resumed = start == StartFrom::newest_checkpoint;
  if (!resumed && !checkpoints_.files().empty()) {
    throw Error(ErrorCode::already_exists,
                output_.string() + ": holds checkpoints of a run; go on with --resume or name another output folder");
  }
  if (const auto removed = first() ? checkpoints_.remove_unfinished() : 0; removed > 0) {
    note(fmt::format("removed unfinished checkpoints that a killed process left: {}", removed));
  }
  if (resumed) {
    std::string skipped;
    const auto state = load_newest_checkpoint(checkpoints_, parameters_, optimiser_, skipped);
    if (!skipped.empty()) note("skipped a damaged checkpoint: " + skipped);
    if (!state) {
      throw nothing_to_resume();
    }
    state_ = *state;
  } else {
    parameters_.initialise(static_cast<std::uint64_t>(config_.seed));
    if (!config_.start_from.empty()) {
      parameters_.load(read_named("start_from", config_.start_from, read_weights), config_.start_from,
                       Parameters::Tables::resize);
    }
    optimiser_.restart();
  }
  if (first()) write_file(output_ / "train_config.json", to_json(config_));
  if (first()) log_ = std::make_unique<TrainingLog>(output_, state_.step);
  note(fmt::format("{} songs to train on, {} to validate; {:.1f} M parameters; {} on {}, step {} of {}",
                   batches_->song_count(), validation_ ? validation_->song_count() : 0,
                   static_cast<double>(parameters_.parameter_count()) * 1e-6, config_.precision, device_.str(),
                   state_.step, config_.steps));
  const std::int64_t passes = config_.accumulate;
  loader_ = std::make_unique<BatchLoader<Batch>>(
      [this, passes](std::int64_t index) {
        auto batch = batches_->training_batch(index / passes, index % passes);
        if (!device_.is_cpu()) batch.features = batch.features.pin_memory();  // copied to the device five times as fast
        return batch;
      },
      state_.step * passes, config_.loader_threads);
}

Trainer::StepResult Trainer::step() {
  if (config_.dropout > 0.0) {  // so that a resumed run draws what the unbroken one would have drawn
    at::manual_seed((static_cast<std::uint64_t>(config_.seed) << 32U) +
                    static_cast<std::uint64_t>(state_.step * communicator_->size() + communicator_->rank()));
  }
  optimiser_.clear_gradient();
  auto totals = at::zeros({2}, at::kDouble);  // loss, weight
  std::vector<std::string> songs;
  for (std::int64_t pass = 0; pass < config_.accumulate; ++pass) {
    const auto batch = loader_->next();
    const auto encoded =
        network_.encode(batch.features.to(device_, batch.features.scalar_type(), true), batch.styles.to(device_));
    const auto logits = network_.decode(encoded, batch.inputs.to(device_));
    const auto loss = weighted_loss(logits, batch, config_.loss.label_smoothing);
    loss.backward();
    parameters_.collect_gradients(optimiser_.gradient());
    totals[0] += loss.item<double>();
    totals[1] += batch.weights.sum(at::kDouble).item<double>();
    songs.insert(songs.end(), batch.songs.begin(), batch.songs.end());
  }
  communicator_->sum(optimiser_.gradient());
  communicator_->sum(totals);
  const double weight = std::max(1e-9, totals[1].item<double>());
  StepResult result{totals[0].item<double>() / weight, 0.0};
  if (!std::isfinite(result.loss)) stop_at(result, songs);
  result.norm = optimiser_.step(config_.rate.at(state_.step), 1.0 / weight);
  if (!std::isfinite(result.norm)) stop_at(result, songs);
  ++state_.step;
  state_.segments += config_.batch * config_.accumulate * communicator_->size();
  return result;
}

void Trainer::stop_at(const StepResult& result, const std::vector<std::string>& songs) const {
  const auto kept = checkpoints_.files();
  throw Error(ErrorCode::malformed,
              fmt::format("step {}: loss {} and gradient norm {} are not finite; stopped, the last good state is {}; "
                          "songs of the step: {}; lower optimiser.peak_rate or leave those songs out",
                          state_.step + 1, result.loss, result.norm, kept.empty() ? "the start" : kept.back().string(),
                          joined(songs)));
}

void Trainer::log_window(double loss_sum, double norm_sum, std::int64_t steps, double seconds) {
  if (!first()) return;
  const auto count = static_cast<double>(steps);
  const double per_step = seconds / count;
  const auto per_step_segments = static_cast<double>(config_.batch * config_.accumulate * communicator_->size());
  const LogLine line{
      state_.step,   loss_sum / count, config_.rate.at(state_.step - 1), norm_sum / count, per_step_segments / per_step,
      state_.seconds};
  log_->add(line);
  if (events_.logged) events_.logged(line, per_step * static_cast<double>(config_.steps - state_.step));
}

ValidationLine Trainer::measure() {
  const AveragedWeights averaged(parameters_, optimiser_);
  const auto plans = validation_->fixed_plans(0, static_cast<std::size_t>(config_.validation_segments));
  const auto tokens = score_tokens(network_, *validation_, plans, config_.batch, device_);
  ValidationLine line{state_.step, tokens.loss, tokens.accuracy, 0.0, 0.0};
  write_model(output_ / "last", model_, parameters_.named(parameters_.master()),
              fmt::format("step {}, validation loss {:.4f}", state_.step, tokens.loss));
  if (config_.decoded_segments > 0) {
    const auto decoded = validation_->fixed_plans(0, static_cast<std::size_t>(config_.decoded_segments));
    const auto notes = score_notes(output_ / "last", *validation_, decoded, static_cast<int>(config_.threads));
    line.melody_f1 = notes.melody.f1();
    line.all_f1 = notes.all.f1();
  }
  return line;
}

void Trainer::validate() {
  if (!first()) return;
  if (!validation_ || config_.validation_segments == 0) {
    const AveragedWeights averaged(parameters_, optimiser_);
    for (const char* folder : {"last", "best"}) {  // nothing says that an earlier one was better
      write_model(output_ / folder, model_, parameters_.named(parameters_.master()),
                  fmt::format("step {}, not validated", state_.step));
    }
    return;
  }
  const auto line = measure();
  const bool best = state_.best_step == 0 || line.loss < state_.best_loss;
  if (best) {
    state_.best_loss = line.loss;
    state_.best_step = state_.step;
    const AveragedWeights averaged(parameters_, optimiser_);
    write_model(output_ / "best", model_, parameters_.named(parameters_.master()),
                fmt::format("step {}, validation loss {:.4f}", state_.step, line.loss));
  }
  log_->add(line);
  log_->draw();
  if (events_.validated) events_.validated(line, best);
}

void Trainer::save() {
  if (first()) save_checkpoint(checkpoints_, state_, parameters_, optimiser_, model_);
}

void Trainer::run(const CancelToken& cancel) {
  double loss_sum = 0.0, norm_sum = 0.0;
  std::int64_t window = 0;
  auto window_start = Clock::now();
  while (state_.step < config_.steps) {
    const auto step_start = Clock::now();
    const auto result = step();
    state_.seconds += seconds_since(step_start);
    loss_sum += result.loss;
    norm_sum += result.norm;
    ++window;
    const bool last = state_.step == config_.steps;
    if (state_.step % config_.log_every == 0 || last) {
      log_window(loss_sum, norm_sum, window, seconds_since(window_start));
      loss_sum = norm_sum = 0.0;
      window = 0;
      window_start = Clock::now();
    }
    const bool validated = state_.step % config_.validate_every == 0 || last;
    if (validated) validate();
    const bool stopped = cancel.cancelled();
    if (state_.step % config_.checkpoint_every == 0 || last || stopped) save();
    if (validated) window_start = Clock::now();
    if (stopped && !last) {
      throw Error(ErrorCode::cancelled,
                  fmt::format("stopped at step {}; a checkpoint was written, go on with --resume", state_.step));
    }
  }
}

double Trainer::training_accuracy(std::int64_t segments) {
  const auto plans = batches_->fixed_plans(0, static_cast<std::size_t>(segments));
  return score_tokens(network_, *batches_, plans, config_.batch, device_).accuracy;
}

}  // namespace pop2piano::training
