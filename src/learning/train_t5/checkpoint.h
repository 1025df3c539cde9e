// SPDX-License-Identifier: MIT
// All that a run of the T5 needs to go on as if it had not stopped: weights, optimiser, counters, in one file of the
// run's CheckpointFolder.
#pragma once

#include <pop2piano/model.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "learning/train/checkpoint_folder.h"
#include "learning/train_t5/optimiser.h"
#include "learning/train_t5/parameters.h"

namespace pop2piano::training {

/// The counters of a run.
struct RunState {
  std::int64_t step = 0;   ///< steps done
  double seconds = 0.0;    ///< of training, over all legs
  double best_loss = 0.0;  ///< least validation loss so far; 0: none yet
  std::int64_t best_step = 0;
  std::int64_t segments = 0;  ///< seen
};

void save_checkpoint(const CheckpointFolder& folder, const RunState& state, const Parameters& parameters,
                     const Optimiser& optimiser, const ModelConfig& model);
/// The newest checkpoint that can be read; damaged ones are skipped and named in `skipped`. Throws Error(malformed)
/// when its network is another one.
std::optional<RunState> load_newest_checkpoint(const CheckpointFolder& folder, Parameters& parameters,
                                               Optimiser& optimiser, std::string& skipped);

/// The moving average (or, if absent, the weights) held by a checkpoint file, and its network.
struct CheckpointModel {
  ModelConfig config;
  NamedTensors weights;
  std::int64_t step = 0;
};
/// By what it holds: it may have another name.
bool is_checkpoint(const std::filesystem::path& file);
CheckpointModel read_checkpoint_model(const std::filesystem::path& file);

}  // namespace pop2piano::training
