// SPDX-License-Identifier: MIT
// What the beat network hears: a spectrogram of 64 logarithmic bands at 100 frames/s in half decibels, and at 25
// frames/s pitch classes and how much they change. One byte a value, so that an hour fits in 30 MB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "sound/dsp/band_spectrum.h"
#include "sound/dsp/harmonic_chroma.h"

namespace pop2piano {

inline constexpr std::size_t kBeatBands = 64;
inline constexpr std::size_t kBeatHop = 220;                  ///< samples at 22,050 Hz
inline constexpr double kBeatInputRate = 22050.0 / kBeatHop;  ///< frames a second
inline constexpr std::size_t kHarmonyChanges = 6;             ///< bass and chords over three spans
inline constexpr std::size_t kHarmonyInputs = kHarmonyChanges + kChromaColumns;
inline constexpr std::size_t kFramesPerHarmony = 4;  ///< spectrogram frames to a harmony frame

struct BeatInput {
  Matrix<std::uint8_t> bands;    ///< [frames, kBeatBands] 2 * (dB + 120), dB of full scale, 0..255
  Matrix<std::uint8_t> harmony;  ///< [frames / 4, kHarmonyInputs] 0..255 for 0..1: changes, then pitch classes
};

/// Streaming; not thread-safe; the result does not depend on the blocks.
class BeatListener {
 public:
  /// `tuning_cents`: by which the sound lies above A = 440 Hz; pitch classes count from there.
  explicit BeatListener(double tuning_cents = 0.0);
  BeatListener(const BeatListener&) = delete;  // the spectrum calls back
  BeatListener& operator=(const BeatListener&) = delete;
  void push(std::span<const float> mono_22050);
  void finish();

  [[nodiscard]] std::size_t frames() const { return bands_.rows(); }
  [[nodiscard]] const std::vector<float>& power() const { return power_; }  ///< [frames] mean square
  [[nodiscard]] const Matrix<std::uint8_t>& bands() const { return bands_; }
  /// Moves everything out. After finish().
  [[nodiscard]] BeatInput take();

 private:
  void visit(std::span<const float> magnitudes, float power);

  BandSpectrum spectrum_;
  Matrix<std::uint8_t> bands_;
  std::vector<float> power_;
  HarmonicChroma chroma_;
};

/// Loud level of each band over the song (95th percentile of what is heard, smoothed over neighbouring bands), in units
/// of the spectrogram: what the song's spectral balance is, and so what the network must not depend on.
using BandLevels = std::array<float, kBeatBands>;
[[nodiscard]] BandLevels loud_levels(Span2D<const std::uint8_t> bands);

/// The network's input for a value that lies `above` half decibels above its band's loud level: about -1 for
/// silence, 1.7 at the level.
[[nodiscard]] float normalised_band(float above);

/// [frames] sum over the bands of the rise over two frames before, for peak times and plots.
[[nodiscard]] std::vector<float> onset_curve_of(Span2D<const std::uint8_t> bands);

}  // namespace pop2piano
