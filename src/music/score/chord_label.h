// SPDX-License-Identifier: MIT
// Chord labels in the syntax of Harte (PhD thesis, Queen Mary, 2010), "Eb:min7/b3", as sets of pitch classes.
#pragma once

#include <bitset>
#include <string>
#include <string_view>

namespace pop2piano {

struct LabelledChord {
  double start = 0.0, end = 0.0;  ///< seconds, start < end
  std::string label = "N";        ///< Harte's syntax
};

/// What a label says. "N" (no chord): root and bass -1, no intervals. "X" (unknown): unknown set as well.
struct Chord {
  int root = -1;              ///< pitch class, 0 = C; -1: none
  std::bitset<12> intervals;  ///< semitones above the root; bit 0 = the root
  int bass = -1;              ///< semitones above the root; -1: none
  bool unknown = false;
  friend bool operator==(const Chord&, const Chord&) = default;
};

/// How upper voices (9, 11, 13) count: left out, or folded into the octave.
enum class ChordExtensions { ignored, folded };

/// Throws Error(malformed) with the label and what is wrong with it.
Chord parse_chord(std::string_view label, ChordExtensions extensions = ChordExtensions::ignored);

}  // namespace pop2piano
