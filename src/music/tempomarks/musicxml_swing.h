// SPDX-License-Identifier: MIT
// Swing as MusicXML has it: <sound><swing>, else the words "Swing", "Swing 16ths", "Shuffle", "Straight".
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <pugixml.hpp>

namespace pop2piano {

/// From some place on; a ratio of 1 is straight.
struct SwingMark {
  double ratio = 1.0;
  int pair = kQuarterLength;  ///< 64th notes of two written notes
  friend bool operator==(const SwingMark&, const SwingMark&) = default;
  friend bool operator<(const SwingMark& a, const SwingMark& b) {
    return a.ratio != b.ratio ? a.ratio < b.ratio : a.pair < b.pair;
  }
};

/// Whether words on a page say how the music swings.
[[nodiscard]] bool are_swing_words(std::string_view words);

/// Of a <direction> or <sound>. Words alone mean two to one. Absent: it says nothing of swing.
[[nodiscard]] std::optional<SwingMark> written_swing(const pugi::xml_node& node);

/// The swing that holds for most of a score, and how many marks say otherwise. `marks`: by their place in quarters;
/// before the first one music is straight. `beat`: 64th notes of most beats.
[[nodiscard]] std::pair<Swing, std::size_t> prevailing_swing(const std::map<double, SwingMark>& marks, double end,
                                                             int beat);

}  // namespace pop2piano
