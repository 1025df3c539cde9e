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
  // What is struck, in any unit; empty where it is not known. It says which beats people tap, not where they are.
  std::vector<float> kick, strike;  ///< in the lowest bands, in all
  double strokes_per_second = 0;    ///< whatever strikes

  [[nodiscard]] std::size_t frames() const { return beat.size(); }
  void resize(std::size_t frames);
};

/// The output of a network: probability of a beat and of a downbeat (which is a beat as well) in each frame.
struct BeatProbabilities {
  double frame_rate = 100.0;
  std::vector<float> beat;      // [frames] 0..1
  std::vector<float> downbeat;  // [frames] 0..1, at most beat
};

/// How probabilities become evidence.
struct ProbabilityReading {
  double sharpness = 1.0;          ///< tempers neighbouring frames that are not independent
  double beat_probability = 0.04;  ///< at which a frame speaks neither for nor against a beat: the share of beats
  double downbeat_weight = 1.0;    ///< of the downbeats' evidence against the beats'
  double downbeat_share = 0.25;    ///< of the beats
};

/// The largest within `before` and `after` frames of `at`; 0 outside.
[[nodiscard]] float strongest_around(const std::vector<float>& curve, std::size_t at, std::size_t before,
                                     std::size_t after);

/// What a frame adds to its beat where that is beat `number` (from 1) of a bar of `metre` beats; 0 outside.
[[nodiscard]] float place_in_bar(const BeatEvidence& evidence, std::size_t frame, int metre, int number);

BeatEvidence evidence_of(const BeatProbabilities& probabilities, const ProbabilityReading& reading = {});

}  // namespace pop2piano
