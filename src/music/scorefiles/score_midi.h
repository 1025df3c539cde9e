// SPDX-License-Identifier: MIT
// A Score as a Standard MIDI File: format 1, a conductor track (title, metre, key, tempo), right hand, left hand.
//
// With the song's own time, tick 0 is second 0 of the recording and every beat of the grid from then on falls on a
// multiple of the quarter note, to the microsecond: one tempo per beat, the rounding error carried on to the next. The
// time before the first beat is filled with as many beats as the median interval suggests; bars stay aligned because
// the first one is a pickup where needed. Tempos stay within 20 to 300 a minute (midi_beats.h): a longer pause between
// two beats becomes several quarter notes, and a first beat less than 0.2 s after second 0 lies within the first
// quarter note, at its time, under a marker that tells readers where.
#pragma once

#include <pop2piano/score.h>

#include "music/scorefiles/midi_file.h"

namespace pop2piano {

/// Marks the first beat of the recording where it is not on a quarter note.
inline constexpr const char* kFirstBeatMarker = "first beat";

[[nodiscard]] MidiFile score_to_midi(const Score& score, const MidiOptions& options = {});

/// How far the beats of the grid (those not before second 0, nor so soon after the beat before that they share its
/// quarter note) lie from the nearest beat of the file, at most, in seconds. Infinite when two share one.
[[nodiscard]] double midi_beat_error(const MidiFile& file, const BeatGrid& grid);

}  // namespace pop2piano
