// SPDX-License-Identifier: MIT
// Sinusoids of a frame: local maxima of the magnitude spectrum, refined between bins.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

#include "sound/dsp/fft.h"

namespace pop2piano {

struct SpectralPeak {
  float frequency = 0.0F;  ///< Hz
  float magnitude = 0.0F;  ///< linear; a full-scale sine has about 1
};

struct SpectralPeakOptions {
  int sample_rate = 22050;
  std::size_t frame_samples = 2048;  ///< Hann window
  std::size_t fft_samples = 4096;    ///< zero-padded; even, at least frame_samples
  double lowest = 40.0;              ///< Hz
  double highest = 5000.0;           ///< Hz
  double range = 90.0;               ///< dB below the frame's largest bin; weaker peaks are left out
};

/// Not thread-safe; one per thread.
class SpectralPeakFinder {
 public:
  explicit SpectralPeakFinder(const SpectralPeakOptions& options);

  /// Peaks of the frame centred on sample `centre` (may lie outside; zeros there), by rising frequency. Parabola
  /// through the log magnitudes of three bins. The result is valid until the next call.
  std::span<const SpectralPeak> find(std::span<const float> samples, std::ptrdiff_t centre);

 private:
  SpectralPeakOptions options_;
  RealFft fft_;
  std::vector<float> window_, frame_;          // [frame_samples] sums to 2, [fft_samples]
  std::vector<std::complex<float>> spectrum_;  // [bins]
  std::vector<float> powers_;                  // [bins] squared magnitudes of the last frame
  std::vector<SpectralPeak> peaks_;
};

}  // namespace pop2piano
