// SPDX-License-Identifier: MIT
// Trains the beat network: draws segments, steps AdamW, keeps a moving average, checkpoints. A batch depends on seed
// and step alone, so that a run that was stopped goes on as if it had not been.
#pragma once

#include <pop2piano/progress.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "train/beats_config.h"
#include "train/beats_network.h"
#include "train/beats_songs.h"

namespace pop2piano::training {

struct BeatTrainerEvents {
  std::function<void(const std::string& line)> note;
};

class BeatTrainer {
 public:
  enum class Start { fresh, newest_checkpoint };
  /// `features`, `validation`: folders with the features of the config's sources, in their order. Throws Error:
  /// already_exists (the output folder holds a run and `start` is fresh), not_found (nothing to resume).
  BeatTrainer(BeatTrainConfig config, const std::vector<std::filesystem::path>& features,
              const std::vector<std::filesystem::path>& validation, Start start, BeatTrainerEvents events);
  /// To the last step; writes beats.safetensors (the average, bf16) into the output folder. Throws Error(cancelled)
  /// after a checkpoint.
  void run(const CancelToken& cancel);

 private:
  [[nodiscard]] BeatBatch batch_of(const BeatTrainingSongs& songs, Hearing hearing, std::uint64_t stream) const;
  double step();
  [[nodiscard]] double validate();
  [[nodiscard]] double rate() const;
  void begin_with(const std::filesystem::path& weights);
  void save() const;
  void resume();
  void export_weights() const;

  BeatTrainConfig config_;
  BeatTrainerEvents events_;
  std::filesystem::path output_;
  BeatTrainingSongs songs_;
  std::unique_ptr<BeatTrainingSongs> validation_;
  BeatTrainingNetwork network_;
  at::Tensor mean_, square_, average_;  // [size] float
  std::int64_t step_ = 0;
  double seconds_ = 0;
};

}  // namespace pop2piano::training
