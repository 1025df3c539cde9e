// SPDX-License-Identifier: MIT
// Several files in one zip archive; libarchive nowhere else.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano {

struct ZipEntry {
  std::string name;            ///< in the archive, UTF-8
  std::filesystem::path file;  ///< whose bytes it has
};

/// Deflated, but for sound, which is stored. There whole or not at all. Throws Error: unreadable, write_failed.
void write_zip(const std::filesystem::path& target, const std::vector<ZipEntry>& entries);

}  // namespace pop2piano
