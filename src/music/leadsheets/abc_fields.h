// SPDX-License-Identifier: MIT
// The information fields of ABC notation (standard 2.1) that change how the music is read.
#pragma once

#include <array>
#include <string_view>

namespace pop2piano {

/// A metre as written; `whole` is its bar's length in whole notes, 0 for free metre.
struct AbcMetre {
  int numerator = 4, denominator = 4;
  double whole = 1.0;
};

/// "4/4", "C", "C|", "none". False: not understood, `metre` is unchanged.
[[nodiscard]] bool parse_abc_metre(std::string_view text, AbcMetre& metre);
/// "1/8" in whole notes; 0: not understood.
[[nodiscard]] double parse_abc_length(std::string_view text);
/// "1/4=120", "\"Slow\" 3/8=60", "120": quarters per minute; 0: not understood or out of 10..1000.
[[nodiscard]] double parse_abc_tempo(std::string_view text);
/// "G", "F#m", "Bb mix", "none": sharps (positive) or flats of the letters A..G.
[[nodiscard]] std::array<int, 7> parse_abc_key(std::string_view text);

}  // namespace pop2piano
