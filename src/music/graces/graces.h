// SPDX-License-Identifier: MIT
// Grace notes of a score: they go where their main note goes.
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <span>

namespace pop2piano {

/// Leaves out those whose main note is not in the score. Returns how many.
std::size_t drop_lost_graces(Score& score);

/// After an arrangement: those of notes that were moved move with them, those of notes that are gone are left out.
void follow_main_notes(Score& score, std::span<const NoteChange> changes);

}  // namespace pop2piano
