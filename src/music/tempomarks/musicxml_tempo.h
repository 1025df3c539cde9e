// SPDX-License-Identifier: MIT
// Tempo as MusicXML has it: <sound tempo> first, else a metronome mark of any note value.
#pragma once

#include <optional>

#include <pugixml.hpp>

namespace pop2piano {

inline constexpr double kLeastTempo = 5.0, kMostTempo = 1000.0;  ///< quarters per minute that are believed

/// Of a <direction> or <sound>, in quarters per minute: <sound tempo>, else the first <metronome> that has a number,
/// with dots, words before it ("ca. 60") and ranges (their middle). Of two note values ("quarter = dotted quarter")
/// the new tempo follows from `before`. Absent: it says nothing of the tempo, or what no music has.
[[nodiscard]] std::optional<double> written_tempo(const pugi::xml_node& node, double before);

}  // namespace pop2piano
