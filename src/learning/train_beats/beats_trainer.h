// SPDX-License-Identifier: MIT
// Trains the beat network on drawn segments (train/small_trainer.h).
#pragma once

#include <pop2piano/progress.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "learning/train/small_trainer.h"
#include "learning/train_beats/beats_config.h"
#include "learning/train_beats/beats_network.h"
#include "learning/train_beats/beats_songs.h"

namespace pop2piano::training {

struct BeatTrainerEvents {
  std::function<void(const std::string& line)> note;
};

class BeatTrainer {
 public:
  using Start = SmallTrainer::Start;
  /// `features`, `validation`: folders with the features of the config's sources, in their order. Throws as
  /// SmallTrainer does.
  BeatTrainer(BeatTrainConfig config, const std::vector<std::filesystem::path>& features,
              const std::vector<std::filesystem::path>& validation, Start start, BeatTrainerEvents events);
  BeatTrainer(const BeatTrainer&) = delete;  // its parts borrow from one another
  BeatTrainer& operator=(const BeatTrainer&) = delete;
  /// To the last step; writes beats.safetensors (the average, bf16) into the output folder. Throws Error(cancelled)
  /// after a checkpoint.
  void run(const CancelToken& cancel) { trainer_.run(cancel); }

 private:
  [[nodiscard]] BeatBatch batch_of(const BeatTrainingSongs& songs, Hearing hearing, std::uint64_t stream) const;
  [[nodiscard]] at::Tensor loss(std::int64_t step) const;
  [[nodiscard]] double validate() const;

  BeatTrainConfig config_;
  BeatTrainingSongs songs_;
  std::unique_ptr<BeatTrainingSongs> validation_;
  BeatTrainingNetwork network_;
  SmallTrainer trainer_;
};

}  // namespace pop2piano::training
