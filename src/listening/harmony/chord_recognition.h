// SPDX-License-Identifier: MIT
// Chords of a recording: pitch class profiles against templates with harmonics, smoothed by a hidden Markov model
// (after Sheh and Ellis 2003; Oudre, Grenier, Fevotte 2009).
#pragma once

#include <vector>

#include "base/core/matrix.h"
#include "music/score/chord_label.h"

namespace pop2piano {

struct ChordRecognitionOptions {
  double frame_rate = 50.0;        ///< profiles per second
  double smoothing = 0.5;          ///< seconds of the mean over profiles
  double sharpness = 12.0;         ///< log likelihood per unit of cosine similarity
  double change_penalty = 3.0;     ///< log probability of a change at each tenth of a second
  double silence_threshold = 0.3;  ///< share of sounding frames in the smoothing window below which there is no chord
};

/// Major and minor triads and N, from pitch class profiles [frames, 12]. Intervals follow each other without gaps.
/// Empty when there are no frames.
std::vector<LabelledChord> recognise_chords(const Matrix<float>& profiles, const ChordRecognitionOptions& options = {});

}  // namespace pop2piano
