// SPDX-License-Identifier: MIT
// Trains a small network: AdamW with a linear rise and a cosine, a moving average, checkpoints. What a step sees is to
// depend on its number alone, so that a run that was stopped goes on as if it had not been.
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "learning/train/flat_weights.h"

namespace pop2piano::training {

struct SmallTrainerOptions {
  std::filesystem::path output;  ///< folder: checkpoint.safetensors, log.csv, curve.svg, the weights file
  std::string start_from;        ///< weights file to begin with; empty: what the network holds
  std::string weights_name;      ///< of the weights file
  std::string format;            ///< noted in it; checkpoints say FORMAT.train
  std::int64_t seed = 1;
  std::int64_t steps = 6000;
  double peak_rate = 2e-3;
  std::int64_t warmup_steps = 200;
  double weight_decay = 0.01;
  double average_decay = 0.998;  ///< of the moving average of the weights
  std::int64_t checkpoint_every = 250;
};

class SmallTrainer {
 public:
  enum class Start { fresh, newest_checkpoint };
  struct Work {
    std::function<at::Tensor(std::int64_t step)> loss;
    std::function<double()> validate;  ///< the loss on held-out songs, called with the average as weights; may be empty
    std::function<void(const std::string& line)> note;  ///< may be empty
  };
  /// `weights` must outlive it. Throws Error: already_exists (the output folder holds a run and `start` is fresh),
  /// not_found (nothing to resume), malformed (weights or checkpoint of another network).
  SmallTrainer(FlatWeights& weights, SmallTrainerOptions options, Start start, Work work);
  /// To the last step; writes the weights file (the average, bf16). Throws Error(cancelled) after a checkpoint,
  /// malformed where the gradient is not finite.
  void run(const CancelToken& cancel);

 private:
  double step();
  [[nodiscard]] double validate();
  [[nodiscard]] double rate() const;
  void save() const;
  void resume();
  void export_weights() const;

  FlatWeights& weights_;
  SmallTrainerOptions options_;
  Work work_;
  at::Tensor mean_, square_, average_;  // [size] float
  std::int64_t step_ = 0;
  double seconds_ = 0;
};

}  // namespace pop2piano::training
