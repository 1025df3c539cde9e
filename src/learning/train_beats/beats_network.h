// SPDX-License-Identifier: MIT
// The beat network in training (after Boeck, Davies 2020: a small convolutional front end and dilated convolutions in
// time); rhythm/beat_network.h runs it.
#pragma once

#include <cstdint>

#include "learning/train/flat_weights.h"
#include "learning/train/torch.h"

namespace pop2piano::training {

struct BeatBatch {
  at::Tensor bands;           // [batch, 1, 2 * frames, kBeatBands]
  at::Tensor harmony;         // [batch, kHarmonyInputs, frames]
  at::Tensor beat, downbeat;  // [batch, frames] targets 0..1
  at::Tensor weight;          // [batch, frames]
};

class BeatTrainingNetwork {
 public:
  BeatTrainingNetwork(std::uint64_t seed, at::Device device);

  /// Logits of beat and downbeat [batch, 2, frames]; `dropout` is drawn from libtorch's own generator.
  [[nodiscard]] at::Tensor forward(const BeatBatch& batch, double dropout) const;
  [[nodiscard]] at::Tensor loss(const BeatBatch& batch, double dropout, double downbeat_weight) const;

  [[nodiscard]] FlatWeights& weights() { return weights_; }

 private:
  FlatWeights weights_;
};

}  // namespace pop2piano::training
