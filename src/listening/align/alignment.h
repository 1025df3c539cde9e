// SPDX-License-Identifier: MIT
// Song and cover in time: dynamic time warping of chroma and onset features, coarse to fine (after Mueller, Mattes,
// Kurth 2006; Praetzlich, Driedger, Mueller 2016), and the lock of their onsets.
#pragma once

#include <pop2piano/measure.h>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/core/matrix.h"

namespace pop2piano {

/// Pairs of frames (first, second), both never falling, from (0, 0) to the last of both.
using WarpPath = std::vector<std::pair<std::size_t, std::size_t>>;

struct AlignmentOptions {
  double straight_weight = 1.5;        ///< cost factor of a step in one of the two only
  double diagonal_weight = 2.0;        ///< of a step in both
  std::size_t radius = 20;             ///< frames around the path of the next coarser level, in its frames
  std::size_t coarsening = 5;          ///< frames averaged from one level to the next
  std::size_t full_cells = 4'000'000;  ///< up to this size every pair of frames is tried
};

/// Best path between two feature sequences [frames, features] under the mean of cosine distance (columns 0..11) and
/// Euclidean distance (the others). Memory grows with the length times the radius, not with the square.
/// Empty when either has no frames. Throws Error(invalid_argument) when the widths differ or are below 12.
WarpPath align(const Matrix<float>& first, const Matrix<float>& second, const AlignmentOptions& options = {});

/// Means of `factor` frames each, of the last ones fewer.
Matrix<float> coarsened(const Matrix<float>& features, std::size_t factor);
/// What stands out of each frame of pitch class profiles [frames, 12]: the mean over the classes is taken away.
Matrix<float> above_their_mean(const Matrix<float>& profiles);

/// [frames, 24]: what pitch class profiles have above their mean, and beside it its decaying rises (onsets), scaled
/// by their neighbourhood.
Matrix<float> alignment_features(const Matrix<float>& profiles);

/// How song and cover lie over each other.
struct Lock {
  Measure correlation;  ///< Pearson's r of the two onset curves at the best shift; [-1, 1], higher is better
  Measure offset_ms;    ///< of that shift; positive: the cover is late; 0 is best
};
/// Onset strength curves at one frame rate; shifts of up to `reach` seconds are tried. Undefined when a curve is
/// constant or the common part is shorter than a second.
Lock measure_lock(std::span<const float> song, std::span<const float> cover, double frame_rate, double reach = 0.3);

}  // namespace pop2piano
