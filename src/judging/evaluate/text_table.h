// SPDX-License-Identifier: MIT
// Small text files of rows and fields: annotations and manifests.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pop2piano {

/// A file's rows, each with at least one field. Empty rows and rows that begin with '#' are left out.
struct TextTable {
  struct Row {
    std::size_t line = 0;  ///< 1-based, in the file
    std::vector<std::string> fields;
  };
  std::string name;  ///< of the file, for messages
  std::vector<Row> rows;

  /// The field as a finite number. Throws Error(malformed) naming file, line, column and what was found.
  [[nodiscard]] double number(const Row& row, std::size_t column) const;
  /// "songs.tsv, line 3: " + problem as Error(malformed).
  [[noreturn]] void fail(const Row& row, const std::string& problem) const;
};

enum class FieldSeparator {
  tab,       ///< fields may hold blanks and may be empty
  any_blank  ///< runs of blanks, tabs, commas or semicolons
};

/// Throws Error: not_found, unreadable, malformed (bytes that are no text, more than 64 MiB).
TextTable read_text_table(const std::filesystem::path& file, FieldSeparator separator);
TextTable parse_text_table(std::string_view text, const std::string& name, FieldSeparator separator);

/// A whole text file; the same errors.
std::string read_text_file(const std::filesystem::path& file);

}  // namespace pop2piano
