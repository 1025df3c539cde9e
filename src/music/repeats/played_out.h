// SPDX-License-Identifier: MIT
// Repeats, endings and jumps of a score, played as musicians do: each repeat as often as it says, endings by the number
// of the pass; da capo and dal segno once, after it no repeats, the last endings, and on to the coda or as far as Fine.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <vector>

namespace pop2piano {

/// Beats [first, last) of a score that are played in a row.
struct PlayedBeats {
  int first = 0, last = 0;
  friend bool operator==(const PlayedBeats&, const PlayedBeats&) = default;
};

/// The order in which `beats` beats with these marks are played. A jump to a mark that is not there begins anew. Throws
/// Error(unsupported) when more than `most_beats` would be played.
[[nodiscard]] std::vector<PlayedBeats> playing_order(std::span<const RepeatMark> marks, int beats, int most_beats);

/// playing_order() of a score's beats; none where it has no marks.
[[nodiscard]] std::vector<PlayedBeats> beats_played(const Score& score);

/// The score as it sounds, without marks: notes, beats, chords and keys of what is played again are there again; a note
/// ends where a jump is made. Throws as playing_order(), with the title.
[[nodiscard]] Score played_out(const Score& score);

}  // namespace pop2piano
