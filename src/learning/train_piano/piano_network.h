// SPDX-License-Identifier: MIT
// The piano network in training; listening/piano/piano_network.h runs it.
#pragma once

#include <cstdint>

#include "learning/train/flat_weights.h"
#include "learning/train/torch.h"

namespace pop2piano::training {

struct PianoBatch {
  at::Tensor inputs;   // [batch, frames, kPianoKeys, kPianoInputs]
  at::Tensor targets;  // [batch, frames, kPianoKeys, kPianoHeads] chances 0..1, the velocity as a share of 127
  at::Tensor pedal;    // [batch, frames] 0 or 1
};

struct PianoLogits {
  at::Tensor heads;  // [batch, kPianoHeads, frames, kPianoKeys]
  at::Tensor pedal;  // [batch, frames]
};

class PianoTrainingNetwork {
 public:
  /// `precision`: that of loss().
  PianoTrainingNetwork(std::uint64_t seed, at::Device device, at::ScalarType precision = at::kFloat);

  /// `precision`: of what the layers pass on and multiply, float or bfloat16; logits are floats.
  [[nodiscard]] PianoLogits forward(const at::Tensor& inputs, at::ScalarType precision = at::kFloat) const;
  /// Per frame, of those with some context: the sum over the pitches of the cross entropies of onsets and, half as
  /// heavy, sounds and offsets; the error of the velocity where notes begin, beside the segment's mean error; the
  /// pedal's cross entropy.
  [[nodiscard]] at::Tensor loss(const PianoBatch& batch) const;

  [[nodiscard]] FlatWeights& weights() { return weights_; }

 private:
  FlatWeights weights_;
  at::ScalarType precision_;
};

}  // namespace pop2piano::training
