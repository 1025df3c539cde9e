// SPDX-License-Identifier: MIT
// Draws a band's arrangement of a song: key, tempo, who plays what when, and how it is recorded.
#pragma once

#include <cstdint>

#include "learning/studio/arrangement.h"

namespace pop2piano {

struct ArrangerOptions {
  std::size_t font_count = 1;  ///< sound fonts to draw from
  double thin_share = 0;       ///< chance (0..1) that the melody has no band but few players or none, and never drums
  double stereo_share = 0;     ///< chance (0..1) that the mix has two channels before it is folded to one
  SingerKind singers = SingerKind::usual;
};

/// Everything follows from the song, the seed and the options. Other singers leave all the rest as it is.
[[nodiscard]] Arrangement arrange(const SymbolicSong& song, std::uint64_t seed, const ArrangerOptions& options);

}  // namespace pop2piano
