// SPDX-License-Identifier: MIT
// The container formats that are taken: those whose sound lies in the one file. Formats that name other files or hosts
// (playlists, manifests, concatenations, numbered files, subtitles beside a film) and devices are not among them.
#pragma once

#include <string>
#include <string_view>

namespace pop2piano {

/// `name` as libavformat has it: one name, or several with commas between.
[[nodiscard]] bool is_single_file_format(std::string_view name);

/// All names with commas between: the whitelist for whatever libavformat might open by itself.
[[nodiscard]] const std::string& single_file_formats();

}  // namespace pop2piano
