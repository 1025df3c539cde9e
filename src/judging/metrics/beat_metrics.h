// SPDX-License-Identifier: MIT
// Beat tracking measures of Davies, Degara, Plumbley, "Evaluation Methods for Musical Audio Beat Tracking Algorithms"
// (Queen Mary C4DM-TR-09-06, 2009), with the definitions and edge cases of mir_eval.beat.
#pragma once

#include <pop2piano/measure.h>

#include <span>

namespace pop2piano {

struct BeatMetricOptions {
  double skip = 5.0;               ///< seconds; beats before this time do not count, in both lists
  double window = 0.07;            ///< seconds; F-measure: how far an estimated beat may be off
  double cemgil_sigma = 0.04;      ///< seconds; width of Cemgil's error function
  double phase_threshold = 0.175;  ///< of a beat interval; continuity measures
  double period_threshold = 0.175;
  int histogram_bins = 41;  ///< information gain; odd, so that one bin is centred at zero
};

/// All in [0, 1], higher is better. Undefined when a list is empty after `skip`; continuity and information gain also
/// when a list has a single beat (there is no interval).
struct BeatScores {
  /// Size of the largest one-to-one matching within +-window: precision, recall and their harmonic mean.
  Measure precision, recall, f_measure;
  /// Sum over reference beats of exp(-d^2 / (2 sigma^2)), d = distance to the nearest estimate, divided by the mean of
  /// the two counts; cemgil_best is the largest over the metrical levels (as is, off-beat, double, half odd, half
  /// even).
  Measure cemgil, cemgil_best;
  /// Share of beats that are correct in phase and period: longest unbroken run (c) or all (t), at the annotated level
  /// (CML) or the best of the five levels (AML). The divisor is the larger of the two counts.
  Measure cmlc, cmlt, amlc, amlt;
  /// 1 - entropy of the beat error histogram / log2(bins); the larger entropy of both directions.
  Measure information_gain;
};

/// Both lists in seconds, not falling; throws Error(invalid_argument) naming the first time that goes back.
BeatScores compare_beats(std::span<const double> reference, std::span<const double> estimate,
                         const BeatMetricOptions& options = {});

/// The F-measure alone; for downbeats, give the downbeats.
Measure beat_f_measure(std::span<const double> reference, std::span<const double> estimate,
                       const BeatMetricOptions& options = {});

}  // namespace pop2piano
