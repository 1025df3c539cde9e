// SPDX-License-Identifier: MIT
// Whether two hands can play a part: reach, number of fingers, leaps, crossings and fast repetitions.
#pragma once

#include <pop2piano/measure.h>
#include <pop2piano/score.h>

#include <span>
#include <vector>

#include "music/score/played_note.h"

namespace pop2piano {

struct PlayabilityOptions {
  double span_limit = 15.0;        ///< semitones in one hand at once; 15: a major tenth less one; easy pieces: 12
  std::size_t finger_limit = 5;    ///< notes in one hand at once
  double leap = 12.0;              ///< semitones that a hand's middle moves between strikes, more is a leap
  double leap_time = 0.5;          ///< seconds; slower moves are no leaps
  double repetition_time = 0.125;  ///< seconds; the same key again sooner is a fast repetition
  double simultaneous = 0.05;      ///< seconds; onsets this close are one strike
  std::size_t hypotheses = 32;     ///< ways to share the notes between the hands that are followed
};

/// All undefined when the cover has no notes; rates also when it has no length.
struct PlayabilityScores {
  Measure unplayable_share;        ///< strikes at which a hand holds too many notes or too wide a span; [0, 1], lower
  Measure widest_span;             ///< semitones, largest in one hand at once
  Measure mean_span;               ///< semitones, over hands that hold at least two notes
  Measure most_notes_in_hand;      ///< largest number of notes in one hand at once
  Measure leaps_per_second;        ///< both hands; lower is easier
  Measure crossings_share;         ///< strikes at which the left hand reaches above the right; [0, 1], lower is easier
  Measure repetitions_per_second;  ///< fast repetitions of a key; lower is easier
};

/// `hands` [notes] says who plays each note (the two staves of a score); empty or all unassigned: the notes are shared
/// between two hands by a beam search for the least reach, movement and crossing.
/// A note is held as long as written; the pedal is not considered.
PlayabilityScores measure_playability(std::span<const PlayedNote> notes, std::span<const Hand> hands = {},
                                      const PlayabilityOptions& options = {});

/// The beam search alone: a hand for each note.
std::vector<Hand> share_between_hands(std::span<const PlayedNote> notes, const PlayabilityOptions& options = {});

}  // namespace pop2piano
