// SPDX-License-Identifier: MIT
// The harmony network in training; listening/harmony/harmony_network.h runs it.
#pragma once

#include <cstdint>

#include "learning/train/flat_weights.h"
#include "learning/train/torch.h"

namespace pop2piano::training {

struct HarmonyBatch {
  at::Tensor inputs;                   // [batch, frames, pitches, kHarmonyInputs], the first frame on a beat
  at::Tensor chord, chord_bass, bass;  // [batch, frames] int64 classes; -1: not counted
};

/// Logits [batch, frames, classes].
struct HarmonyLogits {
  at::Tensor chord, chord_bass, bass;
};

class HarmonyTrainingNetwork {
 public:
  explicit HarmonyTrainingNetwork(std::uint64_t seed, at::Device device);

  [[nodiscard]] HarmonyLogits forward(const at::Tensor& inputs) const;
  /// Sum of the mean cross entropies of chord, half the chord's bass, and bass.
  [[nodiscard]] at::Tensor loss(const HarmonyBatch& batch) const;

  [[nodiscard]] FlatWeights& weights() { return weights_; }

 private:
  [[nodiscard]] at::Tensor convolved(const at::Tensor& x, const std::string& name, at::IntArrayRef padding,
                                     at::IntArrayRef dilation = 1) const;
  [[nodiscard]] at::Tensor partials(const at::Tensor& x) const;
  [[nodiscard]] at::Tensor circle(const at::Tensor& x, const std::string& name) const;

  FlatWeights weights_;
};

}  // namespace pop2piano::training
