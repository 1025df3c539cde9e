// SPDX-License-Identifier: MIT
// Chord symbols as often as they are played.
#pragma once

#include <span>
#include <vector>

#include "music/repeats/played_out.h"
#include "music/score/chord_symbol.h"

namespace pop2piano {

/// `chords` ordered. Their places are in beats, a unit of `order` is `unit` beats long. A chord goes on into what is
/// played after a jump only where it is the one that was written there.
[[nodiscard]] std::vector<PlacedChord> played_chords(std::span<const PlacedChord> chords,
                                                     std::span<const PlayedBeats> order, double unit);

}  // namespace pop2piano
