// SPDX-License-Identifier: MIT
// The user's own beats: a text file with one time in seconds per line, or time and beat number, or labels of Audacity
// (start, end, "bar.beat") as beats_text.h writes them.
#pragma once

#include <pop2piano/score.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace pop2piano {

/// UTF-8, or UTF-16 with its mark. Fields are separated by blanks, tabs, commas or semicolons and may be quoted; what
/// follows a '#', empty lines and a first line of column names are skipped. Without numbers, bars of `beats_per_bar`
/// are counted from the first beat; every line has a number or none. Throws Error naming file and line: not_found,
/// unreadable, malformed (no number, below 1, mixed, times not increasing), nothing_found (fewer than two beats).
BeatGrid read_beats_file(const std::filesystem::path& file, int beats_per_bar = 4);
BeatGrid read_beats(std::string_view bytes, const std::string& name, int beats_per_bar = 4);

}  // namespace pop2piano
