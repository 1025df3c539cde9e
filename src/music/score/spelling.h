// SPDX-License-Identifier: MIT
// Names of pitches by the line of fifths: the name nearest to the key, leading notes by where the line goes next.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <vector>

#include "music/score/harmony.h"

namespace pop2piano {

/// A pitch as it is written.
struct SpelledPitch {
  char step = 'C';  ///< 'A'..'G'
  int alter = 0;    ///< semitones: -2 double flat .. 2 double sharp
  int octave = 4;   ///< 4 holds middle C; of the name, so that Cb4 sounds as B3
  friend bool operator==(const SpelledPitch&, const SpelledPitch&) = default;
};

/// Position on the line of fifths (C = 0, G = 1, F = -1) -> name.
[[nodiscard]] SpelledPitch spell_at(int pitch, int line_of_fifths);
/// By the key alone.
[[nodiscard]] SpelledPitch spell(int pitch, const Key& key);
/// Alteration of a step by the key signature: -1, 0 or 1.
[[nodiscard]] int signature_alter(char step, int fifths);

/// Tones of the chord by their place in it (D# in B7), others by the key alone.
[[nodiscard]] SpelledPitch spell_in_chord(int pitch, const ChordSpan& chord, const Key& key);

/// [notes] Names of all notes, ordered as sort_notes() does: tones of their beat's chord by the chord; another note
/// between two scale degrees is raised when the line goes on a semitone up from it and lowered when it goes down.
[[nodiscard]] std::vector<SpelledPitch> spell_notes(std::span<const Note> notes, const Key& key,
                                                    std::span<const ChordSpan> chords = {});

}  // namespace pop2piano
