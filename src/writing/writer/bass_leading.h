// SPDX-License-Identifier: MIT
// The octave of the bass, which belongs to the arranger: where a bar or another bass begins it should lie near the one
// before. Pitch classes, onsets and lengths stay as they were written.
#pragma once

#include <vector>

#include "writing/writer/writer_song.h"

namespace pop2piano {

/// Moves by an octave the told basses on which bars and chords begin that leap by more than a sixth, where that brings
/// them nearer to the one before. A moved note stays between E1 and F#3, below all that sounds until the next such
/// beat, no farther than a tenth below what is struck with it by the left hand, and off the keys that the melody or the
/// accompaniment itself strikes or holds. `text`: ordered by onset.
void lead_bass(const WriterSong& song, std::vector<Note>& text);

}  // namespace pop2piano
