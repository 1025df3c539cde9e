// SPDX-License-Identifier: MIT
// How loud a strike is in the spectrum that the piano network reads: what the key's partials gain by it, and how loud
// everything is after it. The network's own velocity is one of what it has learnt from a few pianos; a level is one on
// any piano.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "listening/piano/piano_frames.h"

namespace pop2piano {

/// In the units of kept levels (piano_frames.h), through the short window.
struct StrikeLoudness {
  double partials = 0.0;  ///< power that the key's partials gained, summed
  double all = 0.0;       ///< mean power of all bands
};

/// `levels` [kPianoLevels] of one frame: mean power of the short window's bands.
[[nodiscard]] double piano_frame_power(std::span<const std::uint8_t> levels);

/// `before` [kPianoLevels] a frame before the strike, `after` one such frame each.
[[nodiscard]] StrikeLoudness loudness_of_strike(std::size_t key, std::span<const std::uint8_t> before,
                                                std::span<const std::span<const std::uint8_t>> after);

}  // namespace pop2piano
