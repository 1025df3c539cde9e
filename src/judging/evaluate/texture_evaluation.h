// SPDX-License-Identifier: MIT
// The measures of texture for one cover: which beats cut it into bars, which chords tell its bass.
#pragma once

#include <pop2piano/evaluate.h>

#include <optional>
#include <span>
#include <vector>

#include "music/score/played_note.h"

namespace pop2piano {

/// Writes holes, continuity, recall, recall_pc, lift, bass_on_one and bass_right into `result`, a MIDI cover's. Beats
/// are those of the query; else of the report beside the cover (its name with .json, as `pop2piano cover` writes it);
/// else, if the query wants so, of the MIDI file itself. Returns the lines between bars, empty without beats. Throws
/// Error: those of reading beats and chords that the query names.
std::vector<double> evaluate_texture(const CoverQuery& query, std::span<const PlayedNote> notes,
                                     CoverEvaluation& result);

}  // namespace pop2piano
