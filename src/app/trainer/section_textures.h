// SPDX-License-Identifier: MIT
// What a pianist plays in the loud and in the quiet sections of songs: the rule by which a cover's plan is decided
// (src/writing/plan/section_textures.h) is read from its table.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano::training::app {

/// Prints, for the songs of that split: the density (thirds of POP909's notes a beat) of sections by how loud they are
/// played and by the song's own density, the share of them that have chords, and both by the length of the beat. How
/// loud: mean velocity of the section's accompaniment as 40 log10, against the song's, in standard deviations. Sections
/// of less than twelve beats and without a melody do not count. Throws Error: as RecordSet::open(), nothing_found.
void print_section_textures(const std::vector<std::filesystem::path>& records, const std::string& split);

}  // namespace pop2piano::training::app
