// SPDX-License-Identifier: MIT
// What the decoder asks of a front end: how much each frame speaks for the places of the metre. Two sources make it:
// the signal itself (dsp_activation.h) or the probabilities of a network.
#pragma once

#include <cstddef>
#include <vector>

namespace pop2piano {

/// Log-likelihood ratios "this frame is such a place" against "any frame"; 0 says nothing. All columns [frames].
struct BeatEvidence {
  double frame_rate = 100.0;      ///< frames a second; frame i is at i / frame_rate seconds
  std::vector<float> beat;        ///< on every beat
  std::vector<float> half;        ///< halfway between beats
  std::vector<float> quarter;     ///< at one and three quarters of the way
  std::vector<float> third;       ///< at a third and
  std::vector<float> two_thirds;  ///< at two thirds of a beat that is swung, which is then not halved
  std::vector<float> downbeat;    ///< added to `beat` on the first beat of a bar
  std::vector<float> middle;      ///< added on the beat that halves a bar of four
  std::vector<float> backbeat;    ///< added on second and fourth of four
  std::vector<float> waltz;       ///< added on second and third of three

  [[nodiscard]] std::size_t frames() const { return beat.size(); }
  void resize(std::size_t frames);
};

/// The output of a network: probability of a beat and of a downbeat (which is a beat as well) in each frame.
struct BeatProbabilities {
  double frame_rate = 100.0;
  std::vector<float> beat;      // [frames] 0..1
  std::vector<float> downbeat;  // [frames] 0..1, at most beat
};

/// Odds against the share of frames that are beats; `sharpness` tempers neighbouring frames that are not independent.
BeatEvidence evidence_of(const BeatProbabilities& probabilities, double sharpness = 1.0);

}  // namespace pop2piano
