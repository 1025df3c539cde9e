// SPDX-License-Identifier: MIT
// What was heard of a piano as files and scores: MIDI as it was played, JSON, notes on the beats of the recording.
#pragma once

#include <pop2piano/score.h>

#include <string>

#include "listening/piano/piano_notes.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {

enum class WrittenPedal : std::uint8_t {
  controller,  ///< as CC 64; keys then go up where notes stop sounding, or the pedal holds them
  none,        ///< notes last as long as they sound
};

/// One track at 120 beats a minute, 480 ticks to a quarter: a tick is about a millisecond, tick 0 second 0.
[[nodiscard]] MidiFile midi_of(const PianoTranscription& heard, const std::string& title,
                               WrittenPedal pedal = WrittenPedal::controller);

/// The notes on the steps of `grid`, the beats of the recording, with a melody; arrange() makes a page of it. Throws
/// Error(nothing_found) where there are no notes.
[[nodiscard]] Score score_of(const PianoTranscription& heard, const BeatGrid& grid, const std::string& title);

/// {"format": "pop2piano.transcription/1", "notes": [{"onset", "offset", "pitch", "velocity"}], "pedal": [{"from",
/// "to"}]}; seconds to the nearest millisecond.
[[nodiscard]] std::string json_of(const PianoTranscription& heard);

}  // namespace pop2piano
