// SPDX-License-Identifier: MIT
// Transcription measures: mir_eval.transcription (MIREX note tracking) on notes, mir_eval.multipitch on frames.
#pragma once

#include <pop2piano/measure.h>

#include <array>
#include <span>

#include "music/score/played_note.h"

namespace pop2piano {

struct NoteMetricOptions {
  double onset_tolerance = 0.05;   ///< seconds, inclusive after rounding the distance to 0.1 ms
  double pitch_tolerance = 0.5;    ///< semitones, inclusive
  double offset_ratio = 0.2;       ///< of the reference note's duration
  double offset_tolerance = 0.05;  ///< seconds; the larger of both counts
  double frame_hop = 0.01;         ///< seconds
};

/// precision = matched / estimated, recall = matched / reference, their harmonic mean. In [0, 1], higher is better.
/// Undefined when the reference or the estimate is empty.
struct Detection {
  Measure precision, recall, f_measure;
};

/// Counts of a one-to-one matching, for the break-down by pitch. false_positives = estimate - matched.
struct MatchCounts {
  std::size_t reference = 0, estimate = 0, matched = 0;
  [[nodiscard]] Detection detection() const;
};

struct NoteScores {
  Detection onset;             ///< onset alone, pitch ignored
  Detection note;              ///< onset and pitch
  Detection note_with_offset;  ///< onset, pitch, and offset within max(50 ms, 20 % of the reference's duration)
  Detection frame;             ///< sounding pitches of every 10 ms, summed over time
  Measure frame_accuracy;      ///< matched / (reference + estimate - matched); [0, 1], higher is better
  Measure mean_overlap;        ///< matched notes (with offset): intersection over union of the two spans, mean
  std::array<MatchCounts, 12> by_pitch_class;  ///< `note`, by rounded pitch; 0 = C
  std::array<MatchCounts, 11> by_octave;       ///< `note`, by rounded pitch / 12: octave 5 begins at middle C (60)
};

/// Notes in any order. Matchings are largest possible (Hopcroft and Karp), as mir_eval does, not greedy as MIREX does.
/// Which of several largest matchings is taken changes no figure except mean_overlap.
/// Throws Error(invalid_argument) for a note that ends before it starts or a number that is not finite.
NoteScores compare_notes(std::span<const PlayedNote> reference, std::span<const PlayedNote> estimate,
                         const NoteMetricOptions& options = {});

}  // namespace pop2piano
