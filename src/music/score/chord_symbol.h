// SPDX-License-Identifier: MIT
// Chord symbols as lead sheets write them ("F#m7b5/E", "Bbmaj7", "N.C."), as sets of pitch classes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pop2piano {

/// What a symbol says. No chord: root and bass -1, no pitch classes.
struct ChordSymbol {
  int root = -1;                    ///< pitch class, 0 = C
  int bass = -1;                    ///< pitch class
  std::uint16_t pitch_classes = 0;  ///< bit 0 = C; root and bass included
  friend bool operator==(const ChordSymbol&, const ChordSymbol&) = default;
};

/// A symbol at its place.
struct PlacedChord {
  double beat = 0.0;  ///< from the song's start
  ChordSymbol chord;
};

/// Root, quality and alterations ("m", "maj7", "dim7", "sus4", "add9", "7#9", "6/9", "5", ...), and "/bass". Nothing
/// for a text that is no chord.
[[nodiscard]] std::optional<ChordSymbol> parse_chord_symbol(std::string_view text);

/// The pitch class of a letter A..G with sharps (positive) or flats; -1 for another letter.
[[nodiscard]] int pitch_class_of(char letter, int sharps);

}  // namespace pop2piano
