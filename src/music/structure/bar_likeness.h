// SPDX-License-Identifier: MIT
// How alike the bars of a recording are: a self-similarity matrix (Foote, "Visualizing music and audio using
// self-similarity", ACM Multimedia 1999) of harmony, melody and timbre on its beats.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <vector>

#include "base/core/matrix.h"

namespace pop2piano {

/// What is known of each beat; a matrix may be empty. Rows of any scale: each is compared by its direction.
struct BeatDescriptions {
  Matrix<float> harmony;  ///< [beats, pitch classes] of all that sounds
  Matrix<float> melody;   ///< [beats, pitch classes] of the melody
  Matrix<float> timbre;   ///< [beats, any] shape and level of the spectrum
};

/// A bar of the grid: its first beat and how many it has.
struct BarSpan {
  int first_beat = 0, beats = 0;
};
/// The bars: from each beat numbered 1 to the next; beats before the first are a bar of their own. `numbers` [beats].
[[nodiscard]] std::vector<BarSpan> bar_spans(std::span<const int> numbers);

/// [bars, bars] in 0 to 1, symmetric: bars with as many beats are compared beat by beat, others are not alike.
[[nodiscard]] Matrix<float> bar_likeness(const BeatDescriptions& beats, const std::vector<BarSpan>& bars);

}  // namespace pop2piano
