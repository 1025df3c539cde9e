// SPDX-License-Identifier: MIT
// Is it a piano, and nothing but a piano? Of a piano the network is sure where notes begin, of other sounds it is not:
// a logistic regression on how sure it is over the whole recording. It does not tell two pianos from one, nor a piano
// from a guitar, a harp or another string that is struck or plucked.
#pragma once

#include <array>
#include <span>

#include "listening/piano/piano_network.h"

namespace pop2piano {

/// Less than this probability means: not a piano alone.
inline constexpr double kSoloPianoLeast = 0.5;

/// Streaming: push() all frames.
class SoloPianoSurvey {
 public:
  /// One frame of what the network says [kPianoOutputs].
  void push(std::span<const float> outputs);
  /// The mean chance of the onsets that were at all likely, each weighted by its chance: 0..1, 1 where all are sure; 0
  /// where there were none.
  [[nodiscard]] double sureness() const { return chances_ > 0.0 ? squares_ / chances_ : 0.0; }
  /// That it is a piano alone, 0..1; 0 where no note was heard.
  [[nodiscard]] double probability() const;

 private:
  std::array<float, kPianoKeys> last_{}, before_{};  // onsets of the frames before this one
  double chances_ = 0.0, squares_ = 0.0;             // of the onsets' peaks
};

}  // namespace pop2piano
