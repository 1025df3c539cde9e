// SPDX-License-Identifier: MIT
// How a recording is tuned: the magnitude-weighted circular mean of how far its spectral peaks lie from the semitones
// of A = 440 Hz (Dressler and Streich, "Tuning Frequency Estimation Using Circular Statistics", ISMIR 2007), over the
// whole and over stretches of half a minute, which tell a tape's drift.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/melody/pitch_contour.h"
#include "listening/melody/spectral_peaks.h"

namespace pop2piano {

/// What the peaks say.
struct TuningEstimate {
  double cents = 0.0;       ///< -50..50 by which the recording lies above A = 440 Hz; 0 in silence
  double confidence = 0.0;  ///< 0..1, how much of the peaks' weight agrees; songs 0.13 to 0.5, noise below 0.05
  double drift = 0.0;       ///< cents by which the end lies above the start; 0 for less than a minute and a half
};

/// Cents to take off all pitches of a recording with this tuning: whole ones; 0 within 6 cents of A = 440 Hz and where
/// the confidence is below 0.1.
[[nodiscard]] double correction_of(const TuningEstimate& tuning);

/// The contour lowered by `cents`.
[[nodiscard]] PitchContour corrected(PitchContour contour, double cents);

/// Streaming: push() all samples in order, then estimate(). Looks at 372 ms four times a second.
class TuningEstimator {
 public:
  /// Of sounds whose largest magnitude is about 1.
  TuningEstimator(int sample_rate, ThreadPool& pool);

  void push(std::span<const float> samples);
  [[nodiscard]] TuningEstimate estimate() const;

 private:
  [[nodiscard]] double drift() const;

  int sample_rate_;
  ThreadPool& pool_;
  std::vector<float> buffer_;  // from the start of the next frame on
  std::size_t to_skip_ = 0;    // samples before it that are still to come
  std::size_t frames_ = 0;     // looked at
  std::complex<double> sum_;   // of weight * e^(2 pi i semitones)
  double weight_ = 0.0;        // of all peaks
  struct Stretch {
    std::complex<double> sum;
    double weight = 0.0;
  };
  std::vector<Stretch> stretches_;
};

}  // namespace pop2piano
