// SPDX-License-Identifier: MIT
// All that a run needs to go on as if it had not stopped: weights, optimiser, counters. One safetensors file per
// checkpoint, written whole or not at all; the last few are kept.
#pragma once

#include <pop2piano/model.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

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

class CheckpointFolder {
 public:
  CheckpointFolder(std::filesystem::path folder, std::int64_t keep);

  void save(const RunState& state, const Parameters& parameters, const Optimiser& optimiser, const ModelConfig& model);
  /// The newest checkpoint that can be read; damaged ones are skipped and named in `skipped`. Throws Error(malformed)
  /// when its network is another one.
  std::optional<RunState> load_newest(Parameters& parameters, Optimiser& optimiser, std::string& skipped) const;
  /// File names, oldest first.
  [[nodiscard]] std::vector<std::filesystem::path> files() const;
  /// Removes what a process that was killed in the middle of save() left. Returns how many files that were.
  std::size_t remove_unfinished() const;

 private:
  [[nodiscard]] std::vector<std::filesystem::path> files_ending(const char* extension) const;

  std::filesystem::path folder_;
  std::int64_t keep_;
};

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
