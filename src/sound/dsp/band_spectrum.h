// SPDX-License-Identifier: MIT
// Magnitudes of a sound in bands, frame by frame: a Hann window, a Fourier transform, and a weighted mean of the bins
// of each band. Where the bands lie is the caller's affair.
#pragma once

#include <complex>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "sound/dsp/fft.h"
#include "sound/dsp/onset_frames.h"

namespace pop2piano {

struct BandFilter {
  std::size_t first_bin = 0;
  std::vector<float> weights;  // [bins of the band], at least one

  /// Makes the sum of the weights 1.
  void normalise();
};

/// Streaming; not thread-safe; the result does not depend on the blocks.
class BandSpectrum {
 public:
  /// Called for each frame: [bands] magnitudes, of a full-scale sine 0.5 in all; mean square of the frame's samples.
  using Visit = std::function<void(std::span<const float> magnitudes, float power)>;

  BandSpectrum(std::size_t frame_samples, std::size_t hop_samples, std::vector<BandFilter> filters, Visit visit);

  void push(std::span<const float> block);
  /// The frames that are still open, with zeros behind the end. The object must not be used afterwards.
  void finish();

 private:
  void see(std::span<const float> frame);

  OnsetFrames frames_;
  RealFft fft_;
  std::vector<float> window_, windowed_;       // [frame_samples]
  std::vector<std::complex<float>> spectrum_;  // [bins]
  std::vector<BandFilter> filters_;            // [bands]
  std::vector<float> magnitudes_;              // [bands]
  Visit visit_;
};

}  // namespace pop2piano
