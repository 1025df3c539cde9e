// SPDX-License-Identifier: MIT
// Chord measures with the rules of mir_eval.chord (MIREX; Pauwels and Peeters 2013; segmentation: Harte 2010).
#pragma once

#include <pop2piano/measure.h>

#include <span>
#include <string>
#include <vector>

#include "music/score/chord_label.h"

namespace pop2piano {

/// The first six: share of the time in which the chords agree, of the time whose reference chord the rule covers. In
/// [0, 1], higher is better. Undefined when the reference is empty or the rule covers none of it.
struct ChordScores {
  Measure root;      ///< same root; all but X
  Measure thirds;    ///< same root, both or neither with a minor third; all but X
  Measure triads;    ///< same root and same notes up to the fifth; all but X
  Measure tetrads;   ///< same root and notes; all but X
  Measure majmin;    ///< as triads; reference major, minor or N
  Measure sevenths;  ///< as tetrads; reference maj, min, 7, maj7, min7 or N
  /// 1 - directional Hamming distance: of each interval of one side, the part outside its largest overlap with the
  /// other's. over-segmentation looks at reference intervals, under- at estimated ones, the third is the smaller.
  Measure over_segmentation, under_segmentation, segmentation;
};

/// Reference and estimate ordered and free of overlaps; the estimate is cut or filled with N to the reference's span.
/// Throws Error: invalid_argument (order, overlap, empty interval), malformed (label).
ChordScores compare_chords(std::span<const LabelledChord> reference, std::span<const LabelledChord> estimate);

}  // namespace pop2piano
