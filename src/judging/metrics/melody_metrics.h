// SPDX-License-Identifier: MIT
// Melody measures of Poliner et al. 2007 and Salamon et al. 2014 with the resampling rules of mir_eval.melody.
#pragma once

#include <pop2piano/measure.h>

#include <optional>

#include "listening/melody/pitch_contour.h"

namespace pop2piano {

struct MelodyMetricOptions {
  double tolerance = 50.0;    ///< cents, exclusive
  std::optional<double> hop;  ///< seconds; resample both to this grid. Absent: the reference's times
};

/// All in [0, 1]; higher is better except voicing_false_alarm. Undefined when a contour has no frames; each also where
/// its divisor is zero (mir_eval then says 0 or 1).
struct MelodyScores {
  Measure voicing_recall;       ///< voiced reference frames that the estimate calls voiced
  Measure voicing_false_alarm;  ///< unvoiced reference frames that the estimate calls voiced
  Measure raw_pitch;            ///< voiced reference frames where the estimate's pitch is within the tolerance
  Measure raw_chroma;           ///< the same modulo octaves
  Measure overall;              ///< all frames: voiced in both and pitch right, or unvoiced in both
};

/// Throws Error(invalid_argument) when times do not rise, numbers are not finite or lengths differ.
MelodyScores compare_melodies(const PitchContour& reference, const PitchContour& estimate,
                              const MelodyMetricOptions& options = {});

}  // namespace pop2piano
