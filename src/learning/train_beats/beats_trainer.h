// SPDX-License-Identifier: MIT
// Trains the beat network on drawn segments (train/convolution_trainer.h).
#pragma once

#include <pop2piano/progress.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "learning/train/batch_loader.h"
#include "learning/train/convolution_trainer.h"
#include "learning/train/train_config.h"
#include "learning/train_beats/beats_network.h"
#include "learning/train_beats/beats_songs.h"

namespace pop2piano::training {

class BeatTrainer {
 public:
  using Start = ConvolutionTrainer::Start;
  /// Of `config` what Training::beats reads. `features`, `validation`: folders with the features of the config's
  /// sources, in their order. `note` may be empty. Throws as ConvolutionTrainer does.
  BeatTrainer(TrainConfig config, const std::vector<std::filesystem::path>& features,
              const std::vector<std::filesystem::path>& validation, Start start,
              const std::function<void(const std::string& line)>& note);
  BeatTrainer(const BeatTrainer&) = delete;  // its parts borrow from one another
  BeatTrainer& operator=(const BeatTrainer&) = delete;
  /// To the last step; writes beats.safetensors (the average, bf16) into the output folder. Throws Error(cancelled)
  /// after a checkpoint.
  void run(const CancelToken& cancel) { trainer_.run(cancel); }

 private:
  [[nodiscard]] BeatBatch batch_of(const BeatTrainingSongs& songs, Hearing hearing, std::uint64_t stream) const;
  /// Of the step after the one before.
  [[nodiscard]] at::Tensor loss(std::int64_t step);
  [[nodiscard]] double validate() const;

  TrainConfig config_;
  BeatTrainingSongs songs_;
  std::unique_ptr<BeatTrainingSongs> validation_;
  BeatTrainingNetwork network_;
  ConvolutionTrainer trainer_;
  std::unique_ptr<BatchLoader<BeatBatch>> loader_;  // made for the first step
};

}  // namespace pop2piano::training
