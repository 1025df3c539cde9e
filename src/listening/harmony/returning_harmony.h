// SPDX-License-Identifier: MIT
// Passages that return: what is heard of one is evidence for the others, after Mauch, Noland and Dixon, "Using musical
// structure to enhance automatic chord transcription" (ISMIR 2009); here with a weight for each pair of bars, so that
// no sections have to be decided first.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/core/matrix.h"

namespace pop2piano {

/// A bar that is like another one, counted from 0, and how much it counts, above 0 and at most 1.
struct LikeBar {
  std::size_t bar = 0;
  double weight = 0.0;
  friend bool operator==(const LikeBar&, const LikeBar&) = default;
};

/// Index of the first beat of each bar, and the number of beats. `beat_numbers` [beats]: 1 = first of a bar; beats
/// before the first 1 are a bar of their own.
[[nodiscard]] std::vector<std::size_t> bar_borders(std::span<const int> beat_numbers);

/// [bars] those that return each bar: with as many beats, alike themselves and within some four bars in a row that are
/// alike. `beats` [beats, any]: what is known of a beat, of any scale; compared by direction, less the song's mean.
/// None in songs of more than a thousand bars, as time grows with their square.
[[nodiscard]] std::vector<std::vector<LikeBar>> returning_bars(const Matrix<float>& beats,
                                                               std::span<const std::size_t> borders);

/// Each of `rows` [beats][classes] becomes the weighted mean of itself and of those at its place in the bars that are
/// like its own.
void share_between_bars(std::vector<std::vector<double>>& rows, std::span<const std::size_t> borders,
                        const std::vector<std::vector<LikeBar>>& like);

}  // namespace pop2piano
