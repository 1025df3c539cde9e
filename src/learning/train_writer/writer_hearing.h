// SPDX-License-Identifier: MIT
// What a writer on symbols is told of a song in training: not the truth, but what one who hears chords, bass and melody
// would take for it. Each example is heard with errors of its own, some with none.
#pragma once

#include "base/core/random.h"
#include "writing/writer/writer_song.h"

namespace pop2piano::training {

/// Shares of examples and rates of errors; docs/lab/symbolic_writer.md says why.
struct HearingErrors {
  double faultless = 0.25;         ///< examples without any error
  double largest_rate = 0.3;       ///< an example's rate is drawn from 0 to this
  double no_bass = 0.1;            ///< examples whose bass is the root, or not known, in all beats
  double triads_only = 0.25;       ///< examples whose chords lose all but root, third and fifth
  double no_melody = 0.05;         ///< examples without a melody
  double shifted_bars = 0.02;      ///< examples whose bar lines are half a bar off
  double wrong_chord = 1.0;        ///< chords with an error, times the example's rate
  double wrong_melody_note = 1.0;  ///< notes of the melody with an error, times the rate
};

/// Beats, chords and melody as they are heard.
[[nodiscard]] WriterSong heard(const WriterSong& song, const HearingErrors& errors, Random& random);

/// `share` of the chords (runs of equal beats) are replaced by others, roots, basses and all; nothing else is changed.
/// What the effect of wrong chords is measured with.
[[nodiscard]] WriterSong with_wrong_chords(const WriterSong& song, double share, Random& random);

/// All pitches and pitch classes moved.
[[nodiscard]] WriterSong transposed(const WriterSong& song, int semitones);

}  // namespace pop2piano::training
