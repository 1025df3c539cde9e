// SPDX-License-Identifier: MIT
// A note as it sounds, in seconds: what the measures compare, whatever file it came from.
#pragma once

#include <span>
#include <vector>

namespace pop2piano {

struct PlayedNote {
  double onset = 0.0;   ///< seconds
  double offset = 0.0;  ///< seconds, not before onset
  double pitch = 60.0;  ///< MIDI number; may lie between semitones
  int velocity = 64;    ///< 1..127
  friend bool operator==(const PlayedNote&, const PlayedNote&) = default;
};

/// By onset, then from low to high.
std::vector<PlayedNote> sorted_by_onset(std::span<const PlayedNote> notes);

/// Throws Error(invalid_argument), naming `what` and the note, unless all numbers are finite and no note ends before it
/// starts.
void validate_played_notes(std::span<const PlayedNote> notes, const char* what);

}  // namespace pop2piano
