// SPDX-License-Identifier: MIT
// Songs heard in dotted beats: 6/8, 9/8, 12/8.
#pragma once

#include <pop2piano/score.h>

#include <span>

namespace pop2piano {

/// Whether the beats of a played song are of three parts: of those with onsets within, at least two thirds have them on
/// thirds, at least 16 of them, and a third of these on the first of the two, which swung eighths leave out.
[[nodiscard]] bool has_dotted_beats(std::span<const Note> notes);

/// Makes the beats of a recording's grid, which has no written lengths, dotted quarters: two in a bar are 6/8, three
/// 9/8, four 12/8.
void write_dotted_beats(BeatGrid& grid);

}  // namespace pop2piano
