// SPDX-License-Identifier: MIT
// How a MIDI file swings: a text in its conductor track says it, else its onsets do.
#pragma once

#include <pop2piano/score.h>

#include <optional>
#include <span>
#include <string>

#include "music/scorefiles/midi_file.h"

namespace pop2piano {

/// "Swing 1.5000 of 480 ticks": the ratio and the length of a pair.
[[nodiscard]] std::string swing_text(const Swing& swing, double beat_ticks);

/// As such a text says, for beats of so many ticks. Absent: there is none, or it is of no pair that a score has.
[[nodiscard]] std::optional<Swing> told_swing(const MidiFile& file, double beat_ticks);

/// Moves onsets and ends (beats) to where they are written, by the text or, with `by_ear`, by themselves. Returns how
/// they swing.
Swing take_swing(const MidiFile& file, double beat_ticks, bool by_ear, std::span<double> onsets,
                 std::span<double> ends);

}  // namespace pop2piano
