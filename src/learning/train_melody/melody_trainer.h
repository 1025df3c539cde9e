// SPDX-License-Identifier: MIT
// Trains the melody network on the songs of a training config (train/convolution_trainer.h).
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "learning/train/batch_loader.h"
#include "learning/train/convolution_trainer.h"
#include "learning/train/train_config.h"
#include "learning/train_melody/melody_network.h"
#include "learning/train_melody/melody_songs.h"

namespace pop2piano::training {

class MelodyTrainer {
 public:
  using Start = ConvolutionTrainer::Start;
  /// Of `config` what Training::melody reads (the loss on held-out songs is measured at checkpoints). `note` may be
  /// empty. Throws as TrainingSongs and ConvolutionTrainer do.
  MelodyTrainer(TrainConfig config, Start start, const std::function<void(const std::string& line)>& note);
  MelodyTrainer(const MelodyTrainer&) = delete;  // its parts borrow from one another
  MelodyTrainer& operator=(const MelodyTrainer&) = delete;
  /// To the last step; writes melody.safetensors (the average, bf16) into the output folder. Throws Error(cancelled)
  /// after a checkpoint.
  void run(const CancelToken& cancel) { trainer_.run(cancel); }

 private:
  /// Of the step after the one before.
  [[nodiscard]] MelodyBatch next_batch(std::int64_t step);
  [[nodiscard]] MelodyBatch batch_of(const MelodySongs& songs, MelodySongs::Hearing hearing,
                                     std::uint64_t stream) const;
  [[nodiscard]] double validate() const;

  TrainConfig config_;
  MelodySongs songs_, validation_;
  MelodyTrainingNetwork network_;
  ConvolutionTrainer trainer_;
  std::unique_ptr<BatchLoader<MelodyBatch>> loader_;  // made for the first step
};

/// Writes the mean of melody networks' weights files; one that is named twice counts twice. Throws Error: as
/// MelodyNetwork::load(), write_failed.
void average_melody_networks(std::span<const std::filesystem::path> files, const std::filesystem::path& output);

}  // namespace pop2piano::training
