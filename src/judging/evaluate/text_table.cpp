// SPDX-License-Identifier: MIT
#include "judging/evaluate/text_table.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/core/mapped_file.h"

namespace pop2piano {
namespace {

constexpr std::size_t kLargestFile = std::size_t{64} << 20;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> split(std::string_view line, FieldSeparator separator) {
  std::vector<std::string> fields;
  if (separator == FieldSeparator::tab) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    for (std::size_t start = 0; start <= line.size();) {
      const std::size_t end = std::min(line.find('\t', start), line.size());
      fields.emplace_back(trimmed(line.substr(start, end - start)));
      start = end + 1;
    }
    return fields;
  }
  constexpr std::string_view kBlanks = " \t\r,;";
  for (std::size_t start = line.find_first_not_of(kBlanks); start != line.npos;) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, start), line.size());
    fields.emplace_back(line.substr(start, end - start));
    start = line.find_first_not_of(kBlanks, end);
  }
  return fields;
}

}  // namespace

void TextTable::fail(const Row& row, const std::string& problem) const {
  throw Error(ErrorCode::malformed, name + ", line " + std::to_string(row.line) + ": " + problem);
}

double TextTable::number(const Row& row, std::size_t column) const {
  if (column >= row.fields.size()) {
    fail(row, "expected " + std::to_string(column + 1) + " columns, found " + std::to_string(row.fields.size()));
  }
  const std::string& field = row.fields[column];
  double value = 0.0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value)) {
    fail(row, "column " + std::to_string(column + 1) + ": expected a number, found \"" + field.substr(0, 40) + "\"");
  }
  return value;
}

TextTable parse_text_table(std::string_view text, const std::string& name, FieldSeparator separator) {
  if (text.find('\0') != text.npos) throw Error(ErrorCode::malformed, name + ": expected text, found binary data");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // byte order mark
  TextTable table{name, {}};
  std::size_t line_number = 0;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line = text.substr(start, end - start);
    start = end + 1;
    ++line_number;
    const std::string_view content = trimmed(line);
    if (content.empty() || content.starts_with('#')) continue;
    TextTable::Row row{line_number, split(line, separator)};
    if (!row.fields.empty()) table.rows.push_back(std::move(row));  // else nothing but separators
  }
  return table;
}

std::string read_text_file(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  if (mapped.bytes().size() > kLargestFile) {
    throw Error(ErrorCode::malformed, file.string() + ": expected a text file of at most 64 MiB, found " +
                                          std::to_string(mapped.bytes().size() >> 20) + " MiB");
  }
  return {reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size()};
}

TextTable read_text_table(const std::filesystem::path& file, FieldSeparator separator) {
  return parse_text_table(read_text_file(file), file.string(), separator);
}

}  // namespace pop2piano
