// SPDX-License-Identifier: MIT
// Segments drawn from songs, as tensors. What a batch holds depends on the seed and its number alone, so a run can go
// on after a stop as if there had been none, with any number of loader threads. Where the segments come from and what
// the network reads of them is left to those who derive from this.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/random.h"
#include "learning/train/torch.h"
#include "learning/train/train_config.h"
#include "learning/train_t5/token_language.h"

namespace pop2piano::training {

struct Batch {
  at::Tensor features;             // [batch, frames, bands] bf16 or float; float if mel
  at::Tensor styles;               // [batch] int64
  at::Tensor inputs;               // [batch, length] int64: the start token and the target without its last token
  at::Tensor targets;              // [batch * length] int64, padded with 0
  at::Tensor weights;              // [batch * length] float, 0 where padded
  std::vector<std::string> songs;  // [batch] names, for messages
};

/// One segment before its features are read.
struct SegmentPlan {
  std::size_t song = 0;
  int first_beat = 0;
  int style = 0;
  AugmentationDraw augmentation;
  std::vector<int> tokens;   ///< with the end token
  std::int64_t samples = 0;  ///< of the sound, mel features only
  std::uint64_t seed = 0;    ///< of what is drawn when its features are read, symbols only
};

/// What this process takes of every step: slices of batch * accumulate * processes segments.
struct Share {
  int rank = 0;
  int processes = 1;
};

/// Thread-safe.
class SegmentBatches {
 public:
  virtual ~SegmentBatches() = default;

  /// Pass `pass` of step `step` of this process.
  [[nodiscard]] Batch training_batch(std::int64_t step, std::int64_t pass);
  /// Segments [first, first + count) of a fixed sequence over all songs, unaugmented, in their own style.
  [[nodiscard]] virtual std::vector<SegmentPlan> fixed_plans(std::size_t first, std::size_t count) const = 0;
  enum class Augmentation : std::uint8_t { none, drawn };
  [[nodiscard]] Batch to_batch(std::span<const SegmentPlan> plans, Augmentation augmentation) const;
  /// What the network reads of the plans' segments, each [frames, inputs]. Mel features are all padded to the longest.
  [[nodiscard]] virtual std::vector<Matrix<float>> features_of(std::span<const SegmentPlan> plans,
                                                               Augmentation augmentation) const = 0;

  [[nodiscard]] const TokenLanguage& language() const { return *language_; }
  [[nodiscard]] virtual std::size_t song_count() const = 0;
  /// What was left out and why, one line each.
  [[nodiscard]] virtual std::vector<std::string> problems() const = 0;

 protected:
  /// `type` of the batches' features.
  SegmentBatches(const TrainConfig& config, const ModelConfig& model, Share share, at::ScalarType type);
  /// What lies in one batch is padded to its longest: of like length little is.
  void sort_alike(std::vector<SegmentPlan>& plans) const;
  [[nodiscard]] virtual SegmentPlan draw(Random& random) const = 0;
  [[nodiscard]] virtual std::string song_name(std::size_t song) const = 0;
  [[nodiscard]] virtual std::int64_t length_of(const SegmentPlan& plan) const {
    return static_cast<std::int64_t>(plan.tokens.size());
  }

  TrainConfig config_;
  FeatureSettings features_;
  std::unique_ptr<const TokenLanguage> language_;
  at::ScalarType type_;

 private:
  /// All segments of one step, of all processes: sorted by length within a bucket of steps.
  [[nodiscard]] std::vector<SegmentPlan> step_plans(std::int64_t step);
  void fill_pool(std::int64_t pool);

  Share share_;
  std::mutex mutex_;
  std::int64_t pool_index_ = -1;                // of the steps in pool_
  std::vector<std::vector<SegmentPlan>> pool_;  // [bucket_batches] steps
};

}  // namespace pop2piano::training
