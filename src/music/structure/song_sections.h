// SPDX-License-Identifier: MIT
// The sections of a recording or of a score: bars compared, borders and letters found.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <string>
#include <vector>

#include "music/structure/bar_likeness.h"

namespace pop2piano {

/// Ordered; the first begins with the first full bar. None where a song is shorter than eight bars or longer than a
/// thousand. `beats`: of every beat of the grid.
[[nodiscard]] std::vector<SongSection> song_sections(const BeatDescriptions& beats, const BeatGrid& grid);

/// Of the bars in which the notes lie, by their pitch classes, melody, rhythm and texture.
[[nodiscard]] std::vector<SongSection> song_sections(std::span<const Note> notes, const BeatGrid& grid);

/// Those of the score, or, where it has none, of its notes.
[[nodiscard]] std::vector<SongSection> sections_of(const Score& score);

/// "A" to "Z", then "AA", "BB".
[[nodiscard]] std::string section_name(int letter);

}  // namespace pop2piano
