// SPDX-License-Identifier: MIT
// What is struck: rises of level in the bands of the kick drum and in all.
#pragma once

#include <cstddef>
#include <vector>

#include "base/core/matrix.h"
#include "listening/pulse/beat_evidence.h"
#include "listening/rhythm/beat_input.h"

namespace pop2piano {

/// Bands of BeatInput, [first, end).
struct BandRange {
  std::size_t first, end;
};
inline constexpr BandRange kKickBands{0, 5};  ///< 21 to 130 Hz

/// [frames] mean rise over two frames in half decibels; what stays below -60 dB does not count.
[[nodiscard]] std::vector<float> rises_of(Span2D<const std::uint8_t> bands, BandRange range);

/// Sets kick and strike of the evidence, at its own frame rate, and the number of strokes a second.
void add_strikes(Span2D<const std::uint8_t> bands, BeatEvidence& evidence);

}  // namespace pop2piano
