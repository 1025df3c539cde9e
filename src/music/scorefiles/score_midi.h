// SPDX-License-Identifier: MIT
// A Score as a Standard MIDI File: format 1, a conductor track (title, metre, key, tempo), right hand, left hand.
//
// With the song's own time, tick 0 is second 0 of the recording and every beat of the grid from then on falls on a
// multiple of the quarter note, to the microsecond: one tempo per beat, the rounding error carried on to the next. The
// time before the first beat is filled with as many beats as the median interval suggests; bars stay aligned because
// the first one is a pickup where needed. A pause between two beats that is longer than a MIDI tempo can say (16.8 s)
// becomes several quarter notes.
#pragma once

#include <pop2piano/score.h>

#include "music/scorefiles/midi_file.h"

namespace pop2piano {

[[nodiscard]] MidiFile score_to_midi(const Score& score, const MidiOptions& options = {});

/// How far the beats of the grid (those not before second 0) lie from the nearest quarter note of the file, at most, in
/// seconds. Infinite when two beats share a quarter note.
[[nodiscard]] double midi_beat_error(const MidiFile& file, const BeatGrid& grid);

}  // namespace pop2piano
