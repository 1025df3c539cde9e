// SPDX-License-Identifier: MIT
// The example song, built into the program: examples/song/example_song.ogg.
#pragma once

#include <filesystem>
#include <string_view>

namespace pop2piano::serve {

[[nodiscard]] std::string_view example_song();
/// Throws Error(write_failed).
void write_example(const std::filesystem::path& target);

}  // namespace pop2piano::serve
