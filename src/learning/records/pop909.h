// SPDX-License-Identifier: MIT
// Reads POP909 (Wang et al., ISMIR 2020): NNN/NNN.mid with tracks MELODY, BRIDGE, PIANO; beat_midi.txt; chord_midi.txt.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "music/score/symbolic_song.h"

namespace pop2piano {

/// Numbers of the songs in the corpus folder, ascending. Throws Error: not_found, nothing_found.
[[nodiscard]] std::vector<int> list_pop909(const std::filesystem::path& corpus);

/// One song. Throws Error: not_found, malformed (names the file and line).
[[nodiscard]] SymbolicSong read_pop909(const std::filesystem::path& corpus, int number);

/// "test" for number % 20 == 7, "validation" for 13, else "train".
[[nodiscard]] std::string_view pop909_split(int number);

}  // namespace pop2piano
