// SPDX-License-Identifier: MIT
// Trains the harmony network on the songs of a training config (train/convolution_trainer.h).
#pragma once

#include <pop2piano/progress.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "learning/train/batch_loader.h"
#include "learning/train/convolution_trainer.h"
#include "learning/train/train_config.h"
#include "learning/train_harmony/harmony_network.h"
#include "learning/train_harmony/harmony_songs.h"

namespace pop2piano::training {

class HarmonyTrainer {
 public:
  using Start = ConvolutionTrainer::Start;
  /// Of `config` what Training::harmony reads (the loss on held-out songs is measured at checkpoints). `note` may be
  /// empty. Throws as HarmonySongs and ConvolutionTrainer do.
  HarmonyTrainer(TrainConfig config, Start start, const std::function<void(const std::string& line)>& note);
  HarmonyTrainer(const HarmonyTrainer&) = delete;  // its parts borrow from one another
  HarmonyTrainer& operator=(const HarmonyTrainer&) = delete;
  /// To the last step; writes harmony.safetensors (the average, bf16) into the output folder. Throws Error(cancelled)
  /// after a checkpoint.
  void run(const CancelToken& cancel) { trainer_.run(cancel); }

 private:
  /// Of the step after the one before.
  [[nodiscard]] HarmonyBatch next_batch(std::int64_t step);
  [[nodiscard]] HarmonyBatch batch_of(const HarmonySongs& songs, HarmonySongs::Hearing hearing,
                                      std::uint64_t stream) const;
  [[nodiscard]] double validate() const;

  TrainConfig config_;
  HarmonySongs songs_, validation_;
  HarmonyTrainingNetwork network_;
  ConvolutionTrainer trainer_;
  std::unique_ptr<BatchLoader<HarmonyBatch>> loader_;  // made for the first step
};

}  // namespace pop2piano::training
