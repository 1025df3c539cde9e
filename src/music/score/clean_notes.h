// SPDX-License-Identifier: MIT
// Notes put into a state that a keyboard allows: in range, no key struck twice at once or while it is down.
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <span>
#include <vector>

namespace pop2piano {

inline constexpr int kLowestPianoPitch = 21;
inline constexpr int kHighestPianoPitch = 108;

struct NoteCleaning {
  std::size_t removed = 0;    ///< doubles of a pitch at one onset
  std::size_t shortened = 0;  ///< notes cut because their key is struck again
  std::size_t moved = 0;      ///< notes brought into the piano's range by octaves
};

/// Of notes with one onset and pitch one is left: melody if any was, the longest duration, the highest velocity. A note
/// is cut where its pitch starts anew. Durations below one step become one. Sorted as sort_notes() does. Notes that
/// sound past a segment's border are kept as they are.
NoteCleaning resolve_overlaps(std::vector<Note>& notes);

/// resolve_overlaps() after moving notes into the piano's range.
NoteCleaning clean_notes(std::vector<Note>& notes);

/// Throws Error(invalid_argument) naming the first note that no file can hold: onset or duration beyond 12 million
/// steps (a million beats), duration below 1, pitch outside 0..127, velocity outside 0..127.
void validate_notes(std::span<const Note> notes);

/// All notes, chords and keys moved by semitones; what would leave the piano's range is moved back by octaves.
/// Doubles that arise so are resolved.
void transpose(Score& score, int semitones);

/// Semitones (-6..5) that bring `from` to the tonic `pitch_class` (0 = C) by the shorter way.
[[nodiscard]] int semitones_to_tonic(const Key& from, int pitch_class);
/// The key `semitones` higher, in its usual spelling (at most 6 accidentals).
[[nodiscard]] Key transposed(const Key& key, int semitones);
[[nodiscard]] int tonic_pitch_class(const Key& key);

}  // namespace pop2piano
