// SPDX-License-Identifier: MIT
// Onset strength in bands: SuperFlux (Boeck, Widmer 2013), the rise of a log-compressed, logarithmically spaced
// spectrogram over its own maximum-filtered past, so that vibrato does not count as onsets.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "sound/dsp/band_spectrum.h"

namespace pop2piano {

/// Frames a second: sample_rate / hop_samples. The frame spans 46 ms at 22,050 Hz.
struct OnsetStrengthOptions {
  int sample_rate = 22050;              ///< Hz
  std::size_t frame_samples = 1024;     ///< even
  std::size_t hop_samples = 220;        ///< 100.2 frames/s
  std::size_t lag_frames = 2;           ///< rise against the frame that many before
  double bands_per_octave = 12;         ///< of the spectrogram
  double lowest = 30, highest = 10500;  ///< Hz, of the spectrogram
  float compression = 1000.0f;          ///< log(1 + compression * magnitude); a full-scale sine has 0.5
};

/// Kick, bass, voice and chords, snare, hi-hat: the edges between them in Hz.
inline constexpr std::array<double, 4> kOnsetBandEdges = {130, 400, 1600, 5000};
inline constexpr std::size_t kOnsetBands = kOnsetBandEdges.size() + 1;

/// Streaming; not thread-safe; the result does not depend on the blocks.
class OnsetStrength {
 public:
  explicit OnsetStrength(const OnsetStrengthOptions& options = {});
  OnsetStrength(const OnsetStrength&) = delete;  // the spectrum calls back
  OnsetStrength& operator=(const OnsetStrength&) = delete;

  void push(std::span<const float> block);
  void finish();
  /// [frames, kOnsetBands], each the mean rise per spectrogram band, >= 0.
  [[nodiscard]] const Matrix<float>& strength() const { return strength_; }
  /// [frames] mean square of the frame's samples, windowed.
  [[nodiscard]] const std::vector<float>& power() const { return power_; }
  [[nodiscard]] double frame_rate() const {
    return static_cast<double>(options_.sample_rate) / static_cast<double>(options_.hop_samples);
  }

 private:
  [[nodiscard]] std::vector<BandFilter> make_filters();
  void visit(std::span<const float> magnitudes, float power);
  void add_rise(std::span<const float> now, std::span<const float> before);

  OnsetStrengthOptions options_;
  std::vector<std::size_t> groups_;  // [spectrogram bands] the onset band of each
  std::array<float, kOnsetBands> group_sizes_{};
  BandSpectrum spectrum_;
  Matrix<float> recent_;  // [lag + 1, spectrogram bands], ring
  Matrix<float> strength_;
  std::vector<float> power_;
};

}  // namespace pop2piano
