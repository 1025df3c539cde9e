// SPDX-License-Identifier: MIT
// Which passages of a song a cover plays, in the cover's order: dynamic time warping that may leave the song and come
// back elsewhere for a price, so that a cut, a passage played once more and an introduction of the cover's own are
// found. Whole songs are compared, in frames of a fifth of a second or so; the exact times are found later, passage by
// passage. (After the jumps of Fremerey, Mueller, Clausen 2010, "Handling repeats and jumps in score-performance
// synchronization".)
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/core/matrix.h"
#include "listening/align/alignment.h"

namespace pop2piano {

/// What is gained in each frame is its cosine likeness above what counts as nothing; prices are in the same unit.
struct PassageOptions {
  /// Of the song's frames, that are less like a frame of the cover than what counts as nothing. Never more than 0.4 of
  /// the way from the mean likeness to 1 counts as nothing.
  float share = 0.9F;
  std::optional<float> level{};  ///< what counts as nothing, where it is not to be found by `share`
  float crooked = 0.02F;         ///< price of a step at half or twice the tempo
  float forward = 10.0F;         ///< of going on later in the song
  float back = 11.0F;            ///< of going on earlier in it
  float away = 6.0F;             ///< of leaving the song for something that is not in it, and again of coming back
  std::size_t least = 40;        ///< frames of a passage; shorter ones are dropped
};

struct Passages {
  std::vector<WarpPath> paths;  ///< each of (cover frame, song frame), rising; in the order of the cover
  double gain = 0.0;            ///< of the best way through, in the unit of the prices
};

/// `cover`, `song`: [frames, 12] profiles at one frame rate. Time and memory grow with the product of their lengths.
[[nodiscard]] Passages find_passages(const Matrix<float>& cover, const Matrix<float>& song,
                                     const PassageOptions& options = {});
/// The likeness that counts as nothing (PassageOptions::share).
[[nodiscard]] float nothing_level(const Matrix<float>& cover, const Matrix<float>& song,
                                  const PassageOptions& options = {});
/// Its gain alone, without the memory.
[[nodiscard]] double passage_gain(const Matrix<float>& cover, const Matrix<float>& song,
                                  const PassageOptions& options = {});

}  // namespace pop2piano
