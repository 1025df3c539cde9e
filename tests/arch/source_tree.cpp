// SPDX-License-Identifier: MIT
// Reads source files and blanks out what is not code.
#include "arch/source_tree.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace pop2piano::arch {
namespace {

std::string joined(const SourceFile& source) {
  std::string text;
  for (const std::string& line : source.lines) text += line + '\n';
  return text;
}

void blank(std::string& text, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < std::min(to, text.size()); ++i)
    if (text[i] != '\n') text[i] = ' ';
}

std::size_t end_of_literal(const std::string& text, std::size_t start) {
  const char quote = text[start];
  std::size_t i = start + 1;
  while (i < text.size() && text[i] != quote && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
  return i + 1;
}

std::size_t end_of_raw_string(const std::string& text, std::size_t quote) {
  const std::size_t open = text.find('(', quote);
  if (open == std::string::npos) return text.size();
  const std::string close = ")" + text.substr(quote + 1, open - quote - 1) + "\"";
  const std::size_t end = text.find(close, open);
  return end == std::string::npos ? text.size() : end + close.size();
}

bool is_digit_separator(const std::string& text, std::size_t i) {
  return i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0 && i + 1 < text.size() &&
         std::isalnum(static_cast<unsigned char>(text[i + 1])) != 0;
}

// Where the comment or literal that starts at `i` ends; `i` itself when none starts there.
std::size_t end_of_other_text(const std::string& text, std::size_t i) {
  if (text.compare(i, 2, "//") == 0) return std::min(text.find('\n', i), text.size());
  if (text.compare(i, 2, "/*") == 0) {
    const std::size_t end = text.find("*/", i + 2);
    return end == std::string::npos ? text.size() : end + 2;
  }
  if (text[i] == '"') return i > 0 && text[i - 1] == 'R' ? end_of_raw_string(text, i) : end_of_literal(text, i);
  if (text[i] == '\'' && !is_digit_separator(text, i)) return end_of_literal(text, i);
  return i;
}

}  // namespace

std::filesystem::path repository() { return POP2PIANO_SOURCE_DIR; }

SourceFile source_file(const std::string& path, const std::string& text) {
  SourceFile source{.path = path, .lines = {}};
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) source.lines.push_back(line);
  return source;
}

std::vector<SourceFile> read_sources(const std::vector<std::string>& folders,
                                     const std::vector<std::string>& extensions) {
  std::vector<SourceFile> sources;
  for (const std::string& folder : folders) {
    const std::filesystem::path start = repository() / folder;
    if (!std::filesystem::exists(start)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(start)) {
      const std::string extension = entry.path().extension().string();
      if (!entry.is_regular_file() || std::ranges::find(extensions, extension) == extensions.end()) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      if (!stream) throw std::runtime_error("cannot read " + entry.path().string());
      const std::string text{std::istreambuf_iterator<char>(stream), {}};
      sources.push_back(source_file(entry.path().lexically_relative(repository()).generic_string(), text));
    }
  }
  std::ranges::sort(sources, {}, &SourceFile::path);
  return sources;
}

std::vector<Include> includes_of(const SourceFile& source) {
  std::vector<Include> includes;
  for (std::size_t i = 0; i < source.lines.size(); ++i) {
    const std::string& line = source.lines[i];
    const std::size_t hash = line.find_first_not_of(" \t");
    if (hash == std::string::npos || line[hash] != '#') continue;
    const std::size_t word = line.find_first_not_of(" \t", hash + 1);
    if (word == std::string::npos || line.compare(word, 7, "include") != 0) continue;
    const std::size_t open = line.find_first_of("\"<", word + 7);
    if (open == std::string::npos) continue;
    const bool quoted = line[open] == '"';
    const std::size_t close = line.find(quoted ? '"' : '>', open + 1);
    if (close == std::string::npos) continue;
    includes.push_back({.file = line.substr(open + 1, close - open - 1), .quoted = quoted, .line = i + 1});
  }
  return includes;
}

std::string without_comments_and_literals(const SourceFile& source) {
  std::string text = joined(source);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = end_of_other_text(text, i);
    blank(text, i, end);
    i = std::max(end, i + 1);
  }
  return text;
}

}  // namespace pop2piano::arch
