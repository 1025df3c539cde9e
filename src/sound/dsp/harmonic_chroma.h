// SPDX-License-Identifier: MIT
// Pitch class profiles of the spectral peaks (after HPCP, Gomez 2006, without the harmonic weighting), apart for bass
// and middle register; they tell where the harmony changes.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "sound/dsp/fft.h"
#include "sound/dsp/onset_frames.h"

namespace pop2piano {

struct HarmonicChromaOptions {
  int sample_rate = 22050;           ///< Hz
  std::size_t frame_samples = 4096;  ///< 186 ms
  std::size_t hop_samples = 880;     ///< 25 frames/s
  double lowest = 45;                ///< Hz, of the bass
  double border = 250;               ///< Hz, between bass and middle
  double highest = 2500;             ///< Hz, of the middle register
  double tuning_cents = 0.0;         ///< by which the sound lies above A = 440 Hz
};

inline constexpr std::size_t kChromaColumns = 24;  ///< 12 bass, 12 middle; column 0 is C

/// Streaming; not thread-safe; the result does not depend on the blocks.
class HarmonicChroma {
 public:
  explicit HarmonicChroma(const HarmonicChromaOptions& options = {});

  void push(std::span<const float> block);
  void finish();
  /// [frames, kChromaColumns] sums of square-root magnitudes of peaks; zero in silence. Not normalised.
  [[nodiscard]] const Matrix<float>& chroma() const { return chroma_; }
  [[nodiscard]] double frame_rate() const {
    return static_cast<double>(options_.sample_rate) / static_cast<double>(options_.hop_samples);
  }

 private:
  void visit(std::span<const float> frame);
  void add_peak(std::size_t bin, std::span<float> row) const;

  HarmonicChromaOptions options_;
  double ratio_;  // of the sound's frequencies to those of 440 Hz
  OnsetFrames frames_;
  RealFft fft_;
  std::vector<float> window_, windowed_;       // [frame_samples]
  std::vector<std::complex<float>> spectrum_;  // [bins]
  std::vector<float> magnitude_;               // [bins]
  Matrix<float> chroma_;
};

}  // namespace pop2piano
