// SPDX-License-Identifier: MIT
// Harmonic pitch class profiles (Gomez, "Tonal Description of Music Audio Signals", PhD thesis, UPF, 2006).
#pragma once

#include <cstddef>
#include <span>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"

namespace pop2piano {

struct HpcpOptions {
  int sample_rate = 22050;
  std::size_t frame_samples = 4096;  ///< 186 ms, Hann
  std::size_t hop_samples = 441;     ///< 50 frames/s
  double lowest = 100.0;             ///< Hz
  double highest = 5000.0;           ///< Hz
  std::size_t harmonics = 8;         ///< a peak at f counts for f, f/2, ... f/8, each 0.6 times the one before
  double tuning = 0.0;               ///< semitones by which the recording lies above 440 Hz
};

inline constexpr std::size_t kPitchClasses = 12;

/// [frames, 12] column 0 = C; each frame's largest value is 1, silence (all peaks below -90 dB) is all 0. Frame k is
/// centred on sample k * hop. Magnitudes are whitened by the square root.
Matrix<float> compute_hpcp(std::span<const float> samples, const HpcpOptions& options, ThreadPool& pool);

/// Semitones (-0.5, 0.5] by which the recording's peaks lie above the grid of 440 Hz: circular mean, weighted by
/// magnitude. 0 in silence. Looks at every tenth of a second.
double estimate_tuning(std::span<const float> samples, int sample_rate);

/// Number of semitones (0..11) by which `profiles` must be raised to fit `reference` best: largest product of the
/// summed profiles (Serra's optimal transposition index).
std::size_t optimal_transposition(const Matrix<float>& reference, const Matrix<float>& profiles);
/// Columns moved up by `semitones`.
Matrix<float> transposed(const Matrix<float>& profiles, std::size_t semitones);

}  // namespace pop2piano
