// SPDX-License-Identifier: MIT
// What stands around the notes: clefs, octave lines, chord symbols, dynamics, pedal, tempo.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <string>
#include <vector>

#include "music/notation/notation.h"

namespace pop2piano {

/// Fills `marks` and `clefs` of the bars. Which kinds, `options` says.
void add_marks(const Score& score, const MusicXmlOptions& options, Notation& notation);

}  // namespace pop2piano
