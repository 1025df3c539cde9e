// SPDX-License-Identifier: MIT
// The melody is heard when nothing sounds above it: accompaniment that lies higher than the sounding melody goes down
// by octaves, is let go when the melody falls below it, or is left out.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <span>
#include <vector>

namespace pop2piano {

enum class MelodyRoom : std::uint8_t {
  move,  ///< a note above the melody goes down by octaves where its key is free, else it is left out
  cut,   ///< notes are only let go or left out, so that what hands can play stays playable
};

/// Expects notes as clean_notes() leaves them and leaves them so. Returns the changes by onset. Afterwards
/// steps_above_melody() is 0.
std::vector<NoteChange> keep_melody_on_top(std::vector<Note>& notes, MelodyRoom room = MelodyRoom::move);

/// Steps of accompaniment that sound above the melody, summed over its notes.
[[nodiscard]] std::int64_t steps_above_melody(std::span<const Note> notes);

}  // namespace pop2piano
