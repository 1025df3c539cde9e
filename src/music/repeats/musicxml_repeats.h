// SPDX-License-Identifier: MIT
// Repeat signs and jumps as MusicXML has them: <repeat> and <ending> in barlines, segno and coda, the attributes of
// <sound> (dacapo, dalsegno, segno, coda, tocoda, fine), and where a program wrote words only, the usual words.
#pragma once

#include <pop2piano/score.h>

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <pugixml.hpp>

namespace pop2piano {

/// The marks of all parts, each once, by beat. `measure_beats`: [measures + 1] the beat where each begins, and where
/// the last one ends. What stands within a measure counts for its nearer end.
[[nodiscard]] std::vector<RepeatMark> repeats_of_document(const pugi::xml_document& document,
                                                          std::span<const int> measure_beats);

/// The passes that an ending is for: "1, 2", "1-3", "2."; nothing readable: {1}.
[[nodiscard]] std::vector<int> passes_in(std::string_view text);

/// What words over the music ask for ("D.C. al Fine", "To Coda"), by their first 40 letters. Absent: something else.
[[nodiscard]] std::optional<RepeatKind> repeat_of_words(std::string_view text);

enum class BarSide { left, right };

/// Writes what stands at one side of a measure that covers beats [first, last). Left: before the notes; right: behind
/// them, where `end_of_page` is the last barline.
void put_repeats(pugi::xml_node measure, std::span<const RepeatMark> marks, BarSide side, int first, int last,
                 bool end_of_page);

}  // namespace pop2piano
