// SPDX-License-Identifier: MIT
// The beat network in training (after Boeck, Davies 2020: a small convolutional front end and dilated convolutions in
// time); rhythm/beat_network.h runs it.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "train/torch.h"

namespace pop2piano::training {

struct BeatBatch {
  at::Tensor bands;           // [batch, 1, 2 * frames, kBeatBands]
  at::Tensor harmony;         // [batch, kHarmonyInputs, frames]
  at::Tensor beat, downbeat;  // [batch, frames] targets 0..1
  at::Tensor weight;          // [batch, frames]
};

/// Weights as one flat array, with views by name; gradients likewise.
class BeatTrainingNetwork {
 public:
  explicit BeatTrainingNetwork(std::uint64_t seed);

  /// Logits of beat and downbeat [batch, 2, frames]; `dropout` is drawn from libtorch's own generator.
  [[nodiscard]] at::Tensor forward(const BeatBatch& batch, double dropout) const;
  [[nodiscard]] at::Tensor loss(const BeatBatch& batch, double dropout, double downbeat_weight) const;

  [[nodiscard]] const at::Tensor& flat() const { return flat_; }  ///< [size] float
  /// Views of `flat` (an array like flat()) by the names of the weights file.
  [[nodiscard]] std::map<std::string, at::Tensor> named(const at::Tensor& flat) const;
  /// The gradient since the last call [size]; clears it.
  [[nodiscard]] at::Tensor take_gradient();

 private:
  [[nodiscard]] const at::Tensor& leaf(const std::string& name) const { return leaves_.at(name); }

  at::Tensor flat_;
  std::map<std::string, at::Tensor> leaves_;
};

}  // namespace pop2piano::training
