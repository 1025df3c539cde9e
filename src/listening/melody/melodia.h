// SPDX-License-Identifier: MIT
// The melody of a mix: MELODIA (Salamon and Gomez, IEEE TASLP 20(6), 2012). Salience peaks are chained into pitch
// contours, contours are judged as wholes (voicing, octave duplicates, outliers), and the most salient one speaks in
// each frame.
#pragma once

#include <span>

#include "base/core/thread_pool.h"
#include "listening/melody/pitch_contour.h"
#include "listening/melody/pitch_salience.h"

namespace pop2piano {

struct MelodiaOptions {
  PitchSalienceOptions salience{};
  std::size_t peaks_per_frame = 20;  ///< considered
  double frame_threshold = 0.9;      ///< tau+: share of the frame's largest salience that a strong peak has
  double deviation_threshold = 0.9;  ///< tau sigma: standard deviations below the mean that all strong peaks have
  double largest_step = 80.0;        ///< cents between neighbouring frames of a contour
  double longest_gap = 0.1;          ///< seconds of weak peaks inside a contour
  double shortest_contour = 0.1;     ///< seconds
  double voicing_tolerance = 0.2;    ///< nu: contours weaker than mean - nu * deviation are no voice
  double vibrato_voicing = 1.0;      ///< contours with vibrato are kept whatever their strength, if at least 1
  double trend_window = 5.0;         ///< seconds, of the melody's mean pitch
  int iterations = 3;                ///< of removing octave duplicates and outliers
};

/// `samples` at options.salience.peaks.sample_rate, mono. Frames of one hop; 0: no melody; negative: the most salient
/// contour where no contour was judged to be the voice (for raw pitch and chroma).
PitchContour extract_melody(std::span<const float> samples, ThreadPool& pool, const MelodiaOptions& options = {});

/// The same from the peaks of options.salience, at least options.peaks_per_frame of each frame where there are so many.
PitchContour extract_melody(SaliencePeaks peaks, const MelodiaOptions& options = {});

}  // namespace pop2piano
