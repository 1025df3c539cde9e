// SPDX-License-Identifier: MIT
// Trains the tune network on the songs of a training config (train/convolution_trainer.h).
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
#include "learning/train_melody/tune_network.h"
#include "learning/train_melody/tune_songs.h"

namespace pop2piano::training {

class TuneTrainer {
 public:
  using Start = ConvolutionTrainer::Start;
  /// Of `config` what Training::melody reads (the loss on held-out songs is measured at checkpoints). `note` may be
  /// empty. Throws as TrainingSongs and ConvolutionTrainer do.
  TuneTrainer(TrainConfig config, Start start, const std::function<void(const std::string& line)>& note);
  TuneTrainer(const TuneTrainer&) = delete;  // its parts borrow from one another
  TuneTrainer& operator=(const TuneTrainer&) = delete;
  /// To the last step; writes tune.safetensors (the average, bf16) into the output folder. Throws Error(cancelled)
  /// after a checkpoint.
  void run(const CancelToken& cancel) { trainer_.run(cancel); }

 private:
  /// Of the step after the one before.
  [[nodiscard]] TuneBatch next_batch(std::int64_t step);
  [[nodiscard]] TuneBatch batch_of(const TuneSongs& songs, TuneSongs::Hearing hearing, std::uint64_t stream) const;
  [[nodiscard]] double validate() const;

  TrainConfig config_;
  TuneSongs songs_, validation_;
  TuneTrainingNetwork network_;
  ConvolutionTrainer trainer_;
  std::unique_ptr<BatchLoader<TuneBatch>> loader_;  // made for the first step
};

/// Writes the mean of tune networks' weights files; one that is named twice counts twice. Throws Error: as
/// TuneNetwork::load(), write_failed.
void average_tune_networks(std::span<const std::filesystem::path> files, const std::filesystem::path& output);

}  // namespace pop2piano::training
