// SPDX-License-Identifier: MIT
// The middle of arrange(): the melody on top, the player's level, two hands that reach everything.
#pragma once

#include <pop2piano/arrange.h>
#include <pop2piano/score.h>

#include <string_view>
#include <vector>

#include "music/arrange/difficulty.h"

namespace pop2piano {

/// Semitones of "octave" (12), "ninth" (14), "tenth" (15, a minor one, so that both are in reach of most hands);
/// throws Error(invalid_argument) with a suggestion otherwise.
[[nodiscard]] int hand_span_of(std::string_view name);

/// Of the options only level, hand span and the melody's place count. Rewrites the notes and gives each a hand; notes
/// that level or hands added have velocity 0. Chords and changes of key are found before anything is left out and kept
/// with the score. Expects notes as clean_notes() leaves them and leaves them so. Returns the changes by onset.
/// Afterwards nothing is unplayable and, unless the melody's place is as written, steps_above_melody() is 0. Throws
/// Error(invalid_argument) for a level or span that there is not.
std::vector<NoteChange> arrange_for_piano(Score& score, const PianoOptions& options = {});

}  // namespace pop2piano
