// SPDX-License-Identifier: MIT
// Repeat signs and jumps as MusicXML has them: <repeat> and <ending> in barlines, segno and coda, the attributes of
// <sound> (dacapo, dalsegno, segno, coda, tocoda, fine), and where a program wrote words only, the usual words.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <vector>

#include <pugixml.hpp>

namespace pop2piano {

/// The marks of all parts, each once, by beat. `measure_beats`: [measures + 1] the beat where each begins, and where
/// the last one ends. What stands within a measure counts for its nearer end.
[[nodiscard]] std::vector<RepeatMark> repeats_of_document(const pugi::xml_document& document,
                                                          std::span<const int> measure_beats);

enum class BarSide { left, right };

/// Writes what stands at one side of a measure that covers beats [first, last). Left: before the notes; right: behind
/// them, where `end_of_page` is the last barline.
void put_repeats(pugi::xml_node measure, std::span<const RepeatMark> marks, BarSide side, int first, int last,
                 bool end_of_page);

}  // namespace pop2piano
