// SPDX-License-Identifier: MIT
// Passages that return: what is heard of one is evidence for the others, after Mauch, Noland and Dixon, "Using musical
// structure to enhance automatic chord transcription" (ISMIR 2009); here with a weight for each pair of bars, so that
// no sections have to be decided first.
#pragma once

#include <cstddef>
#include <vector>

#include "base/core/matrix.h"
#include "music/structure/bar_likeness.h"

namespace pop2piano {

/// A bar that is like another one, counted from 0, and how much it counts, above 0 and at most 1.
struct LikeBar {
  std::size_t bar = 0;
  double weight = 0.0;
  friend bool operator==(const LikeBar&, const LikeBar&) = default;
};

/// [bars] those that return each bar: with as many beats, alike themselves and within some four bars in a row that are
/// alike (music/structure/bar_likeness.h). `beats` [beats, any]: what is known of a beat, of any scale. None in songs
/// of more than a thousand bars, as time grows with their square.
[[nodiscard]] std::vector<std::vector<LikeBar>> returning_bars(Matrix<float> beats, const std::vector<BarSpan>& bars);

/// Each of `rows` [beats][classes] becomes the weighted mean of itself and of those at its place in the bars that are
/// like its own.
void share_between_bars(std::vector<std::vector<double>>& rows, const std::vector<BarSpan>& bars,
                        const std::vector<std::vector<LikeBar>>& like);

}  // namespace pop2piano
