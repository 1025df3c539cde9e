// SPDX-License-Identifier: MIT
// Segments of recorded or rendered songs: what the network hears and what the piano plays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "learning/train/segment_mel.h"
#include "learning/train/training_songs.h"
#include "learning/train_t5/segment_batches.h"

namespace pop2piano::training {

/// Thread-safe.
class BatchMaker final : public SegmentBatches {
 public:
  BatchMaker(std::shared_ptr<const TrainingSongs> songs, const TrainConfig& config, const ModelConfig& model,
             Share share, at::ScalarType type);

  [[nodiscard]] std::vector<SegmentPlan> fixed_plans(std::size_t first, std::size_t count) const override;
  /// The consecutive segments of a song from its first beat on, unaugmented, in its own style.
  [[nodiscard]] std::vector<SegmentPlan> song_plans(std::size_t song) const;
  [[nodiscard]] std::vector<Matrix<float>> features_of(std::span<const SegmentPlan> plans,
                                                       Augmentation augmentation) const override;

  [[nodiscard]] const TrainingSongs& songs() const { return *songs_; }
  [[nodiscard]] std::size_t song_count() const override { return songs_->size(); }
  [[nodiscard]] std::vector<std::string> problems() const override { return songs_->problems(); }

 private:
  [[nodiscard]] SegmentPlan draw(Random& random) const override;
  [[nodiscard]] std::string song_name(std::size_t song) const override { return songs_->song(song).name; }
  [[nodiscard]] std::int64_t length_of(const SegmentPlan& plan) const override;
  /// Tokens and length; the other fields are there.
  void complete(SegmentPlan& plan) const;
  [[nodiscard]] Matrix<float> beat_features_of(const SegmentPlan& plan, Augmentation augmentation) const;

  std::shared_ptr<const TrainingSongs> songs_;
  std::optional<SegmentMel> mel_;
};

/// Makes the segments of a split. Throws Error: as the songs' reading does.
using SegmentMaker = std::function<std::unique_ptr<SegmentBatches>(const TrainConfig& config, const ModelConfig& model,
                                                                   Split split, Share share, at::ScalarType type)>;
/// Of records with features or sound, for models that listen.
[[nodiscard]] std::unique_ptr<SegmentBatches> record_segments(const TrainConfig& config, const ModelConfig& model,
                                                              Split split, Share share, at::ScalarType type);

}  // namespace pop2piano::training
