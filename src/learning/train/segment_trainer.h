// SPDX-License-Identifier: MIT
// What the trainers of convolution networks share that hear segments of songs: songs and validation songs, batches made
// ahead, the loss on held-out songs.
#pragma once

#include <pop2piano/progress.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "learning/train/batch_loader.h"
#include "learning/train/convolution_trainer.h"
#include "learning/train/devices.h"
#include "learning/train/train_config.h"
#include "learning/train/training_songs.h"

namespace pop2piano::training {

/// `Task` names the parts of a training: its types Songs (size(), draw(), Hearing::varied and plain), Network
/// (weights(), loss(Batch)) and Batch, what its weights file is called (kFile) and says of itself (kFormat), and `Batch
/// batch_of(const Songs&, Songs::Hearing, std::int64_t size, Random&)`.
template <typename Task>
class SegmentTrainer {
 public:
  using Start = ConvolutionTrainer::Start;
  using Songs = typename Task::Songs;
  using Batch = typename Task::Batch;

  /// Of `config` what the task's Training reads (the loss on held-out songs is measured at checkpoints). `note` may be
  /// empty. Throws as Songs and ConvolutionTrainer do.
  SegmentTrainer(TrainConfig config, Start start, const std::function<void(const std::string& line)>& note)
      : config_(std::move(config)),
        songs_(config_, Split::train),
        validation_(config_, Split::validation),
        network_(network_of(config_)),
        trainer_(network_.weights(), options_of(config_), start,
                 {.loss = [this](std::int64_t step) { return network_.loss(next_batch(step)); },
                  .validate = validation_.size() > 0 && config_.validation_segments > 0
                                  ? std::function([this] { return validate(); })
                                  : nullptr,
                  .note = note}) {
    if (config_.threads > 0) use_threads(static_cast<int>(config_.threads));
    if (note) {
      note(fmt::format("{} songs, {} to validate, {} weights", songs_.size(), validation_.size(),
                       network_.weights().flat().numel()));
    }
  }
  SegmentTrainer(const SegmentTrainer&) = delete;  // its parts borrow from one another
  SegmentTrainer& operator=(const SegmentTrainer&) = delete;

  /// To the last step; writes the weights file (the average, bf16) into the output folder. Throws Error(cancelled)
  /// after a checkpoint.
  void run(const CancelToken& cancel) { trainer_.run(cancel); }

 private:
  // Some networks compute in bfloat16 where the config says so.
  static constexpr bool kChoosesPrecision =
      std::is_constructible_v<typename Task::Network, std::uint64_t, at::Device, at::ScalarType>;
  static typename Task::Network network_of(const TrainConfig& config) {
    const auto seed = static_cast<std::uint64_t>(config.seed);
    const at::Device device = device_named(config.device);
    if constexpr (kChoosesPrecision) {
      return typename Task::Network(seed, device, config.precision == "bf16" ? at::kBFloat16 : at::kFloat);
    } else {
      return typename Task::Network(seed, device);
    }
  }
  static ConvolutionTrainerOptions options_of(const TrainConfig& config) {
    ConvolutionTrainerOptions options = convolution_options(config, Task::kFile, Task::kFormat);
    if (kChoosesPrecision && config.precision == "bf16") options.onednn = Onednn::used;
    return options;
  }

  // Of the step after the one before.
  [[nodiscard]] Batch next_batch(std::int64_t step) {
    if (!loader_) {
      loader_ = std::make_unique<BatchLoader<Batch>>(
          [this](std::int64_t index) {
            return batch_of(songs_, Songs::Hearing::varied, static_cast<std::uint64_t>(index) + 1);
          },
          step, config_.loader_threads);
    }
    return loader_->next();
  }

  [[nodiscard]] Batch batch_of(const Songs& songs, typename Songs::Hearing hearing, std::uint64_t stream) const {
    Random random = Random(static_cast<std::uint64_t>(config_.seed)).fork(stream);
    return Task::batch_of(songs, hearing, config_.batch, random);
  }

  [[nodiscard]] double validate() const {
    const std::int64_t batches = std::max<std::int64_t>(1, config_.validation_segments / config_.batch);
    double sum = 0;
    for (std::int64_t i = 0; i < batches; ++i) {
      const auto stream = (std::uint64_t{1} << 40) + static_cast<std::uint64_t>(i);
      sum += network_.loss(batch_of(validation_, Songs::Hearing::plain, stream)).template item<double>();
    }
    return sum / static_cast<double>(batches);
  }

  TrainConfig config_;
  Songs songs_, validation_;
  typename Task::Network network_;
  ConvolutionTrainer trainer_;
  std::unique_ptr<BatchLoader<Batch>> loader_;  // made for the first step
};

}  // namespace pop2piano::training
