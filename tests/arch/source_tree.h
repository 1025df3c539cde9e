// SPDX-License-Identifier: MIT
// The source files of this repository as text, and what they include.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano::arch {

struct SourceFile {
  std::string path;                // relative to the repository, with '/'
  std::vector<std::string> lines;  // without line ends
};

/// All files with one of `extensions` (".h") in `folders` of the repository, in the order of their paths.
[[nodiscard]] std::vector<SourceFile> read_sources(const std::vector<std::string>& folders,
                                                   const std::vector<std::string>& extensions);
[[nodiscard]] SourceFile source_file(const std::string& path, const std::string& text);

struct Include {
  std::string file;  // as written between the quotes or angle brackets
  bool quoted = false;
  std::size_t line = 0;  // from 1
};
[[nodiscard]] std::vector<Include> includes_of(const SourceFile& source);

/// The text with comments, string and character literals blanked out; line ends stay.
[[nodiscard]] std::string without_comments_and_literals(const SourceFile& source);

[[nodiscard]] std::filesystem::path repository();

}  // namespace pop2piano::arch
