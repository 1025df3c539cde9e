// SPDX-License-Identifier: MIT
// Draws a band's arrangement of a song: key, tempo, who plays what when, and how it is recorded.
#pragma once

#include <cstdint>

#include "prepare/arrangement.h"

namespace pop2piano {

/// Everything follows from the song, the seed and the number of sound fonts. `thin_share`: the chance (0..1) that the
/// tune has no band but few players or none, and never drums.
[[nodiscard]] Arrangement arrange(const SymbolicSong& song, std::size_t font_count, std::uint64_t seed,
                                  double thin_share);

}  // namespace pop2piano
