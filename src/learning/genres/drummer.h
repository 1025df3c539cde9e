// SPDX-License-Identifier: MIT
// Where the strokes of a groove fall in a song, and the drummer who plays them.
#pragma once

#include <vector>

#include "learning/genres/song_form.h"
#include "learning/studio/arrangement.h"

namespace pop2piano {

/// Strokes of a row in a bar of the song: longer bars begin the groove anew, shorter ones cut it; of stops and endings
/// only what falls on one is left.
[[nodiscard]] std::vector<GrooveStroke> strokes_in(const SongForm& form, const SongBar& bar, const GrooveRow& row);
/// Seconds of a place in a bar (beats), swung as its groove says.
[[nodiscard]] double time_in(const SongForm& form, const SongBar& bar, double at);
/// The drum rows of the grooves on a kit of a sound font or a drum machine; fills, solos, sticks.
void add_drummer(const Genre& genre, const SongForm& form, std::size_t font_count, Random& random, Arrangement& out);

}  // namespace pop2piano
