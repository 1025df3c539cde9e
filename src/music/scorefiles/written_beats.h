// SPDX-License-Identifier: MIT
// Beats of written lengths and time signatures of any kind in MIDI files, out and in.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "music/scorefiles/midi_beats.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {

/// Ticks of a 64th note.
inline constexpr int kTicksPer64th = kMidiTicksPerQuarter / kQuarterLength;

/// Gives each beat the ticks of its written length, and tempos that leave it at its time (to half a microsecond, the
/// rest is carried on), whatever note value was taken for it before.
void stretch_to_lengths(const BeatGrid& grid, MidiBeats& beats);

/// The ticks of the written lengths at one tempo, the rounded median of most beats' length.
void take_one_tempo(const BeatGrid& grid, MidiBeats& beats);

/// The tick of a step where the grid has fine beats.
[[nodiscard]] std::int64_t fine_tick(const BeatGrid& grid, const MidiBeats& beats, int step);

/// The signatures of all bars of a grid that has some; a bar that is not as long as its signature gets its own.
[[nodiscard]] std::vector<MidiEvent> written_metres(const BeatGrid& grid, const MidiBeats& beats);

/// The beats of a file by its time signatures, up to `seconds_end`. Absent: all are over 4 and begin on quarters, so
/// that quarters are its beats. A first bar with a shorter signature of its own is a pickup. Throws
/// Error(unsupported): more than a million beats.
[[nodiscard]] std::optional<BeatGrid> beats_by_signatures(const MidiFile& file, double seconds_end,
                                                          const std::string& what);

}  // namespace pop2piano
