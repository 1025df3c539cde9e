// SPDX-License-Identifier: MIT
// Fingers for every note, by the ergonomic costs of Parncutt, Sloboda, Clarke, Raekallio, Desain, "An ergonomic model
// of keyboard fingering for melodic fragments", Music Perception 14, 1997: its twelve rules over the line of each hand,
// its spans of pairs of fingers within chords too (as Al Kasimi, Nichols, Raphael, ISMIR 2007, extend it).
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <span>
#include <vector>

namespace pop2piano {

/// [notes] 1 thumb .. 5 little finger, of the hand that the note has; 0 where it has none, and for what a hand strikes
/// beyond five keys. The cheapest way through by dynamic programming over chords of keys that are down together.
/// Expects notes as clean_notes() leaves them.
[[nodiscard]] std::vector<std::uint8_t> find_fingers(std::span<const Note> notes);

/// What one hand's keys cost under given fingers: what find_fingers() makes least. `notes` of one hand, `fingers`
/// [notes] 1..5. Infinite when fingers cross within a chord.
[[nodiscard]] double fingering_cost(std::span<const Note> notes, std::span<const std::uint8_t> fingers);

}  // namespace pop2piano
