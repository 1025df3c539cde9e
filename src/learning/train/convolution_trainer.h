// SPDX-License-Identifier: MIT
// Trains a convolution network: AdamW with a linear rise and a cosine, a moving average, checkpoints, log. What a step
// sees is to depend on its number alone, so that a run that was stopped goes on as if it had not been.
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "learning/train/checkpoint_folder.h"
#include "learning/train/flat_weights.h"
#include "learning/train/train_config.h"
#include "learning/train/training_log.h"

namespace pop2piano::training {

/// Whether libtorch may call oneDNN. In convolutions of odd widths its version 2.6 reads beyond buffers of its own (so
/// valgrind says), and runs ended now and then with a corrupted heap inside it; without it none did. Products of
/// bfloat16 are slow without it.
enum class Onednn : std::uint8_t { kept_off, used };

struct ConvolutionTrainerOptions {
  std::filesystem::path output;  ///< folder: checkpoints/, log.csv, validation.csv, curve.*, the weights file
  std::string start_from;        ///< weights file to begin with; empty: what the network holds
  std::string weights_name;      ///< of the weights file
  std::string format;            ///< noted in it; checkpoints say FORMAT.train
  std::int64_t seed = 1;
  std::int64_t steps = 6000;
  std::int64_t batch = 8;  ///< segments a step, for the log
  double peak_rate = 2e-3;
  std::int64_t warmup_steps = 200;
  double weight_decay = 0.01;
  double average_decay = 0.998;  ///< of the moving average of the weights
  std::int64_t checkpoint_every = 250;
  std::int64_t keep_checkpoints = 3;
  Onednn onednn = Onednn::kept_off;
};
/// Those of a configuration.
[[nodiscard]] ConvolutionTrainerOptions convolution_options(const TrainConfig& config, std::string weights_name,
                                                            std::string format);

class ConvolutionTrainer {
 public:
  enum class Start { fresh, newest_checkpoint };
  struct Work {
    std::function<at::Tensor(std::int64_t step)> loss;
    std::function<double()> validate;  ///< the loss on held-out songs, called with the average as weights; may be empty
    std::function<void(const std::string& line)> note;  ///< may be empty
  };
  /// `weights` must outlive it. Throws Error: already_exists (the output folder holds a run and `start` is fresh),
  /// not_found (nothing to resume), malformed (weights or checkpoint of another network).
  ConvolutionTrainer(FlatWeights& weights, ConvolutionTrainerOptions options, Start start, Work work);
  /// To the last step; writes the weights file (the average, bf16). Throws Error(cancelled) after a checkpoint,
  /// malformed where the gradient is not finite.
  void run(const CancelToken& cancel);

 private:
  struct StepResult {
    double loss = 0.0, norm = 0.0;
  };
  StepResult step();
  void log_window(const StepResult& sums, std::int64_t steps, double seconds);
  [[nodiscard]] double validate();
  [[nodiscard]] double rate(std::int64_t step) const;
  void save() const;
  void resume();
  void export_weights() const;

  FlatWeights& weights_;
  ConvolutionTrainerOptions options_;
  Work work_;
  CheckpointFolder checkpoints_;
  std::unique_ptr<TrainingLog> log_;    // made when the run begins
  at::Tensor mean_, square_, average_;  // [size] float
  std::int64_t step_ = 0;
  double seconds_ = 0;
};

}  // namespace pop2piano::training
