// SPDX-License-Identifier: MIT
// A key that the melody strikes again and again is one held note: the network writes sung melodies on eighths and
// strikes a long note anew on each. Rows that are longer than those of sung melodies are held instead, bar by bar.
#pragma once

#include <pop2piano/score.h>

#include <vector>

namespace pop2piano {

/// Strikes of one key in a row that a sung melody has at most: 1.0 % of a song's melody notes stand in longer rows
/// (mean of 40 songs of POP909, bench/score/score_figures).
inline constexpr int kLongestRow = 7;

/// In rows of more than kLongestRow melody notes of one pitch, each within a beat of the one before and with no more
/// than a 16th of silence between, only the first and those on downbeats are struck; the others are left out (changes
/// by onset, reason held) and the key stays down to the end of the last. Expects notes as clean_notes() leaves them and
/// leaves them so.
std::vector<NoteChange> hold_repeated_melody(std::vector<Note>& notes, const BeatGrid& grid);

/// Share of the melody's notes that stand in such rows, 0..1.
[[nodiscard]] double share_in_long_rows(std::vector<Note> notes);

}  // namespace pop2piano
