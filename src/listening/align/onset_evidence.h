// SPDX-License-Identifier: MIT
// How much like the onset of given notes each moment of a recording is.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "listening/align/sound_features.h"

namespace pop2piano {

class OnsetEvidence {
 public:
  /// `song`: with its onsets and rises; must outlive this.
  explicit OnsetEvidence(const SoundFeatures& song);

  /// Of notes of these pitch classes, at least one: 0 on average and outside of the recording, about 4 where they
  /// begin. A rise of their pitch classes counts for much, a beat of whatever instrument for little.
  [[nodiscard]] float at(std::span<const std::size_t> classes, double seconds) const;
  /// Of any onset: the onset strength, in standard deviations. Sharper in time than at(), but a drum's as much as a
  /// note's.
  [[nodiscard]] float attack(double seconds) const;

 private:
  struct Spread {
    float mean = 0.0F, deviation = 1.0F;
  };
  static Spread spread_of(std::span<const float> values);
  // In standard deviations; 0 outside.
  [[nodiscard]] static float rise(const Matrix<float>& rises, const Spread& of, std::span<const std::size_t> classes,
                                  double seconds);

  const SoundFeatures& song_;
  Matrix<float> profile_rises_;  // [frames, 12]
  std::vector<float> attacks_;   // [onset frames] square roots, so that a loud drum does not outdo all others
  Spread rises_of_, profile_rises_of_, attacks_of_;
};

}  // namespace pop2piano
