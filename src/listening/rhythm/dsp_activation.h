// SPDX-License-Identifier: MIT
// Beat evidence from the signal alone: onset strength in bands and change of harmony, each set against its
// neighbourhood, weighted linearly into log-likelihood ratios.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "listening/pulse/beat_evidence.h"
#include "sound/dsp/harmonic_chroma.h"
#include "sound/dsp/onset_strength.h"

namespace pop2piano {

/// Columns of the features: kOnsetBands onsets, all bands together, then change of harmony: bass and chord, each
/// between the half second before and after the frame and between the whole seconds.
inline constexpr std::size_t kAllOnsets = kOnsetBands;
inline constexpr std::size_t kHarmony = kOnsetBands + 1;
inline constexpr std::size_t kFeatures = kOnsetBands + 5;

struct RhythmFeatures {
  double frame_rate = 100.0;
  Matrix<float> values;      ///< [frames, kFeatures] about 0 where nothing happens, 1 at a usual event; 0 in silence
  std::vector<float> heard;  ///< [frames] 0 in silence, 1 in sound
};

/// 1 - cosine between the mean chroma before and after each frame, of columns [first, first + 12); `window` frames to
/// either side.
[[nodiscard]] std::vector<float> harmony_change(const Matrix<float>& chroma, std::size_t first, std::size_t window);

/// Streaming front end: all that is kept of the sound, 9 floats per 10 ms.
class RhythmFrontEnd {
 public:
  /// `tuning_cents`: by which the sound lies above A = 440 Hz.
  explicit RhythmFrontEnd(double tuning_cents = 0.0) : chroma_({.tuning_cents = tuning_cents}) {}
  void push(std::span<const float> mono_22050);
  void finish();

  [[nodiscard]] double frame_rate() const { return onsets_.frame_rate(); }
  [[nodiscard]] std::size_t frames() const { return onsets_.strength().rows(); }
  [[nodiscard]] const Matrix<float>& onsets() const { return onsets_.strength(); }   ///< [frames, kOnsetBands]
  [[nodiscard]] const std::vector<float>& power() const { return onsets_.power(); }  ///< [frames] mean square
  [[nodiscard]] const Matrix<float>& chroma() const { return chroma_.chroma(); }     ///< [.., kChromaColumns], 25/s
  /// After finish().
  [[nodiscard]] RhythmFeatures features() const;
  /// [frames] one curve of onset strength, for peak times and plots. After finish().
  [[nodiscard]] std::vector<float> onset_curve() const;

 private:
  OnsetStrength onsets_;
  HarmonicChroma chroma_;
};

/// Log-likelihood ratio of a place: weights times features plus the last entry.
using PlaceWeights = std::array<float, kFeatures + 1>;

/// Learnt on rendered songs (structured hinge loss of the decoder's path).
struct ActivationWeights {
  PlaceWeights beat, half, quarter, downbeat, middle, backbeat, waltz, third, two_thirds;
};
extern const ActivationWeights kActivationWeights;

BeatEvidence evidence_of(const RhythmFeatures& features, const ActivationWeights& weights = kActivationWeights);

}  // namespace pop2piano
