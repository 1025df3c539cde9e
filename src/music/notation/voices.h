// SPDX-License-Identifier: MIT
// The notes of one staff as at most two voices, each a line of chords that do not overlap.
#pragma once

#include <pop2piano/score.h>

#include <array>
#include <limits>
#include <vector>

#include "music/notation/notation.h"
#include "music/score/quantise.h"
#include "music/score/spelling.h"

namespace pop2piano {

/// A note that is to be written: its place may differ from the played one by quantisation.
struct StaffNote {
  int onset = 0, end = 0;  ///< steps, absolute
  int pitch = 60;
  bool melody = false;
  SpelledPitch name;
  int finger = 0;                                      ///< 0: none is written
  int struck_again = std::numeric_limits<int>::max();  ///< where its key is struck next, on any staff
  int source = -1;                                     ///< index among the score's notes, in their order
};

/// A chord in a line; [onset, end) in absolute steps.
struct LineChord {
  int onset = 0, end = 0;
  std::vector<WrittenNote> notes;  ///< from low to high; accidentals are not yet decided
};

/// Two lines: upper and lower voice. Chords are ordered and do not overlap within a line.
struct StaffLines {
  std::vector<LineChord> upper, lower;
};

/// On a grid of 16ths or triplets (sixths or quarters of dotted beats), one choice for each beat.
void quantise(std::vector<StaffNote>& notes, BeatKind beats);

/// What a keyboard allows, over both staves (`notes` of each ordered by onset): of notes that came to be at one place
/// of one key one is left, a note ends where its key is struck next, and each knows where that is.
void release_keys(std::array<std::vector<StaffNote>, 2>& notes);

/// Barlines (steps, ascending) that durations do not cross needlessly.
using Barlines = std::vector<int>;

/// `notes` ordered by onset. `exact` keeps all durations by ties between parts of a chord; `readable` lets chord notes
/// share a duration, cuts what a moving line overlaps, and holds no key beyond `struck_again`.
[[nodiscard]] StaffLines split_voices(const std::vector<StaffNote>& notes, Hand hand, NotationStyle style,
                                      const Barlines& barlines);

}  // namespace pop2piano
