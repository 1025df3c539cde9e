// SPDX-License-Identifier: MIT
// Segments drawn from songs, as tensors. What a batch holds depends on the seed and its number alone, so a run can go
// on after a stop as if there had been none, with any number of loader threads.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "learning/train/segment_mel.h"
#include "learning/train/torch.h"
#include "learning/train/training_songs.h"
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
};

/// What this process takes of every step: slices of batch * accumulate * processes segments.
struct Share {
  int rank = 0;
  int processes = 1;
};

/// Thread-safe.
class BatchMaker {
 public:
  BatchMaker(std::shared_ptr<const TrainingSongs> songs, const TrainConfig& config, const ModelConfig& model,
             Share share, at::ScalarType type);

  /// Pass `pass` of step `step` of this process.
  [[nodiscard]] Batch training_batch(std::int64_t step, std::int64_t pass);
  /// Segments [first, first + count) of a fixed sequence over all songs, unaugmented, in their own style.
  [[nodiscard]] std::vector<SegmentPlan> fixed_plans(std::size_t first, std::size_t count) const;
  /// The consecutive segments of a song from its first beat on, unaugmented, in its own style.
  [[nodiscard]] std::vector<SegmentPlan> song_plans(std::size_t song) const;
  enum class Augmentation : std::uint8_t { none, drawn };
  [[nodiscard]] Batch to_batch(std::span<const SegmentPlan> plans, Augmentation augmentation) const;

  [[nodiscard]] const TokenLanguage& language() const { return *language_; }
  [[nodiscard]] const TrainingSongs& songs() const { return *songs_; }
  /// What the network reads of the plans' segments, each [frames, inputs]. Mel features are all padded to the longest.
  [[nodiscard]] std::vector<Matrix<float>> features_of(std::span<const SegmentPlan> plans,
                                                       Augmentation augmentation) const;

 private:
  [[nodiscard]] SegmentPlan draw(Random& random) const;
  /// Tokens and length; the other fields are there.
  void complete(SegmentPlan& plan) const;
  [[nodiscard]] Matrix<float> beat_features_of(const SegmentPlan& plan, Augmentation augmentation) const;
  void sort_alike(std::vector<SegmentPlan>& plans) const;
  /// All segments of one step, of all processes: sorted by length within a bucket of steps.
  [[nodiscard]] std::vector<SegmentPlan> step_plans(std::int64_t step);
  void fill_pool(std::int64_t pool);

  std::shared_ptr<const TrainingSongs> songs_;
  TrainConfig config_;
  FeatureSettings features_;
  std::unique_ptr<const TokenLanguage> language_;
  std::optional<SegmentMel> mel_;
  Share share_;
  at::ScalarType type_;
  std::mutex mutex_;
  std::int64_t pool_index_ = -1;                // of the steps in pool_
  std::vector<std::vector<SegmentPlan>> pool_;  // [bucket_batches] steps
};

}  // namespace pop2piano::training
