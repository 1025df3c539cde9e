// SPDX-License-Identifier: MIT
// Where a new part of the song begins: novelty of a self-similarity matrix of its bars (Foote, "Automatic audio
// segmentation using a measure of audio novelty", ICME 2000) under harmony, register, density and rhythm of the notes.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <vector>

namespace pop2piano {

/// First beats of the parts, ascending, each a downbeat; the first is that of the first full bar. Parts last at least
/// four bars. One part, or none, where a song is shorter than two.
[[nodiscard]] std::vector<int> section_starts(std::span<const Note> notes, const BeatGrid& grid);

}  // namespace pop2piano
