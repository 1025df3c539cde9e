// SPDX-License-Identifier: MIT
// From chances four times a beat to one chord and one bass for each beat: the likeliest path over the beats, on which a
// change costs something, most where chords seldom change, and a chord gains what the notes that sound fit it. Passages
// that return are heard together.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <vector>

#include "listening/harmony/harmony_network.h"

namespace pop2piano {

/// `beat_numbers` [beats]: 1 = first of a bar. `heard` holds kHarmonyFramesPerBeat frames to each beat, one at least to
/// the last; `fits` [beats, kChordClasses] as chord_fits() gives them. Chords of one root and kind are one; a chord's
/// bass follows a path of its own.
[[nodiscard]] std::vector<BeatHarmony> harmony_on_beats(const HeardHarmony& heard, const Matrix<float>& fits,
                                                        std::span<const int> beat_numbers);

}  // namespace pop2piano
