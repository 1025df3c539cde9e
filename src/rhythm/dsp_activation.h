// SPDX-License-Identifier: MIT
// Beat evidence from the signal alone: onset strength in bands and change of harmony, each set against its
// neighbourhood, weighted linearly into log-likelihood ratios.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/matrix.h"
#include "dsp/harmonic_chroma.h"
#include "dsp/onset_strength.h"
#include "rhythm/beat_evidence.h"

namespace pop2piano {

/// Columns of the feature matrix: kOnsetBands onsets, then the two changes of harmony, then their sum's onset.
inline constexpr std::size_t kBassChange = kOnsetBands;
inline constexpr std::size_t kChordChange = kOnsetBands + 1;
inline constexpr std::size_t kFeatures = kOnsetBands + 2;

/// Streaming front end: all that is kept of the sound, 9 floats per 10 ms.
class RhythmFrontEnd {
 public:
  RhythmFrontEnd() = default;
  void push(std::span<const float> mono_22050);
  void finish();

  [[nodiscard]] double frame_rate() const { return onsets_.frame_rate(); }
  [[nodiscard]] std::size_t frames() const { return onsets_.strength().rows(); }
  [[nodiscard]] const Matrix<float>& onsets() const { return onsets_.strength(); }   ///< [frames, kOnsetBands]
  [[nodiscard]] const std::vector<float>& power() const { return onsets_.power(); }  ///< [frames] mean square
  /// [frames, kFeatures], about 0 where nothing happens and 1 at a usual event; 0 in silence. After finish().
  [[nodiscard]] Matrix<float> features() const;
  /// [frames] one curve of onset strength, for peak times and plots. After finish().
  [[nodiscard]] std::vector<float> onset_curve() const;

 private:
  OnsetStrength onsets_;
  HarmonicChroma chroma_;
};

/// One row of weights for each place of the metre.
BeatEvidence evidence_of(const RhythmFrontEnd& front_end);

}  // namespace pop2piano
