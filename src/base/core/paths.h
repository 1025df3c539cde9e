// SPDX-License-Identifier: MIT
// Questions about paths that any text may be asked, and names that fit a folder. std::filesystem's own throw where a
// name is too long, a folder may not be read or a link leads in a circle.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace pop2piano {

/// False for whatever cannot be looked at: opening or writing says why.
[[nodiscard]] bool path_exists(const std::filesystem::path& path);
[[nodiscard]] bool is_folder(const std::filesystem::path& path);
[[nodiscard]] bool is_plain_file(const std::filesystem::path& path);

/// Bytes of a file's name, without folders, that every file system of Linux takes.
inline constexpr std::size_t kLongestName = 255;

/// `stem` + `ending`, the stem cut between characters of UTF-8 where both are longer than `most` bytes.
[[nodiscard]] std::string fitting_name(const std::string& stem, const std::string& ending,
                                       std::size_t most = kLongestName);

/// "song.mp3: Permission denied".
[[nodiscard]] std::string plain_reason(const std::filesystem::filesystem_error& error);

}  // namespace pop2piano
