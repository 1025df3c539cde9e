// SPDX-License-Identifier: MIT
// Fundamental frequency of a single voice: pYIN (Mauch and Dixon, ICASSP 2014), with the steps and defaults of
// librosa.pyin.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/melody/pitch_contour.h"

namespace pop2piano {

struct PyinOptions {
  int sample_rate = 22050;
  double lowest = 65.40639132514966;    ///< Hz, C2
  double highest = 1046.5022612023945;  ///< Hz, C6
  std::size_t frame_samples = 2048;     ///< half of it is the integration window
  std::size_t hop_samples = 512;
  std::size_t thresholds = 100;          ///< of the YIN difference, evenly spaced in [0, 1]
  double prior_a = 2.0, prior_b = 18.0;  ///< beta distribution of the threshold
  double trough_decay = 2.0;             ///< Boltzmann parameter: earlier troughs are likelier
  double no_trough = 0.01;               ///< share given to the deepest trough when none is below the threshold
  double resolution = 0.1;               ///< semitones
  double fastest_change = 35.92;         ///< octaves per second
  double switch_probability = 0.01;      ///< voiced <-> unvoiced, per frame
};

struct PyinResult {
  PitchContour contour;                    ///< 0 where unvoiced; frame k is centred on sample k * hop
  std::vector<double> voiced_probability;  ///< [frames]
};

/// Throws Error(invalid_argument) when the range does not fit the frame.
PyinResult track_voice(std::span<const float> samples, ThreadPool& pool, const PyinOptions& options = {});

}  // namespace pop2piano
