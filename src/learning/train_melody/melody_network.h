// SPDX-License-Identifier: MIT
// The melody network in training; melody/melody_network.h runs it.
#pragma once

#include <cstdint>

#include "learning/train/flat_weights.h"
#include "learning/train/torch.h"

namespace pop2piano::training {

struct MelodyBatch {
  at::Tensor inputs;          // [batch, steps, pitches, kMelodyInputs], the first step on a beat
  at::Tensor begins, sounds;  // [batch, steps, pitches + 1] logarithm of how right an answer is, the last none
};

/// Logits [batch, steps, pitches + 1], the last none.
struct MelodyLogits {
  at::Tensor begins, sounds;
};

class MelodyTrainingNetwork {
 public:
  MelodyTrainingNetwork(std::uint64_t seed, at::Device device);

  [[nodiscard]] MelodyLogits forward(const at::Tensor& inputs) const;
  /// Mean over steps that see kMelodyReach steps to either side of -log(sum of chance * how right the answer is).
  [[nodiscard]] at::Tensor loss(const MelodyBatch& batch) const;

  [[nodiscard]] FlatWeights& weights() { return weights_; }

 private:
  FlatWeights weights_;
};

}  // namespace pop2piano::training
