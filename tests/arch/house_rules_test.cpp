// SPDX-License-Identifier: MIT
// Rules of CONTRIBUTING.md that a program can check, over all sources of the repository.
#include <algorithm>
#include <map>
#include <regex>

#include <gtest/gtest.h>

#include "arch/architecture_table.h"
#include "arch/function_lengths.h"
#include "arch/source_tree.h"

namespace pop2piano::arch {
namespace {

constexpr std::size_t kMostLinesOfAFile = 500;
constexpr std::size_t kMostLinesOfAFunction = 60;
constexpr std::size_t kMostLinesOfARoom = 3500;

std::vector<SourceFile> all_sources() {
  return read_sources({"src", "include", "tests", "bench", "fuzz", "examples"}, {".h", ".cpp"});
}

// Every line of code (comments and literals blanked) of src/ and include/ outside app that matches.
void expect_nowhere_in_library(const std::string& code, const std::string& rule) {
  const std::regex pattern(code);
  for (const SourceFile& source : read_sources({"src", "include"}, {".h", ".cpp"})) {
    if (source.path.starts_with("src/app/")) continue;
    const SourceFile bare = source_file(source.path, without_comments_and_literals(source));
    for (std::size_t i = 0; i < bare.lines.size(); ++i)
      EXPECT_FALSE(std::regex_search(bare.lines[i], pattern)) << source.path << ":" << i + 1 << ": " << rule;
  }
}

TEST(HouseRules, EverySourceNamesItsLicence) {
  for (const SourceFile& source : all_sources()) {
    ASSERT_FALSE(source.lines.empty()) << source.path << " is empty";
    EXPECT_EQ(source.lines.front(), "// SPDX-License-Identifier: MIT") << source.path;
  }
}

// In the file's second line; a .cpp may begin with the header that says it for both.
TEST(HouseRules, EverySourceSaysWhatItIs) {
  for (const SourceFile& source : read_sources({"src", "include", "bench", "fuzz", "examples"}, {".h", ".cpp"})) {
    const std::string second = source.lines.size() > 1 ? source.lines[1] : "";
    const bool own_header = source.path.ends_with(".cpp") && second.starts_with("#include ");
    EXPECT_TRUE(second.starts_with("// ") || own_header) << source.path << ": line 2";
  }
}

TEST(HouseRules, HeadersAreGuarded) {
  for (const SourceFile& source : all_sources()) {
    if (!source.path.ends_with(".h")) continue;
    EXPECT_NE(std::ranges::find(source.lines, "#pragma once"), source.lines.end()) << source.path;
  }
}

TEST(HouseRules, FilesAreShort) {
  for (const SourceFile& source : all_sources()) EXPECT_LE(source.lines.size(), kMostLinesOfAFile) << source.path;
}

TEST(HouseRules, RoomsAreSmall) {
  std::map<std::string, std::size_t> lines;
  for (const SourceFile& source : read_sources({"src"}, {".h", ".cpp", ".inl"}))
    lines[room_of(source.path)] += source.lines.size();
  for (const auto& [room, count] : lines) EXPECT_LE(count, kMostLinesOfARoom) << room;
}

TEST(HouseRules, FunctionsAreShort) {
  for (const SourceFile& source : all_sources())
    for (const FunctionExtent& function : functions_of(source))
      EXPECT_LE(function.lines, kMostLinesOfAFunction) << source.path << ":" << function.line << ": " << function.head;
}

TEST(HouseRules, NothingIsLeftForLater) {
  const std::regex later(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X|HA"
      "CK)\\b");
  for (const SourceFile& source : all_sources())
    for (std::size_t i = 0; i < source.lines.size(); ++i)
      EXPECT_FALSE(std::regex_search(source.lines[i], later)) << source.path << ":" << i + 1;
}

TEST(HouseRules, NoDrawers) {
  const std::regex drawer("(^|/)(utils?|common|helpers?|misc)(\\.|/)");
  for (const SourceFile& source : all_sources()) EXPECT_FALSE(std::regex_search(source.path, drawer)) << source.path;
}

TEST(HouseRules, TheLibraryNeitherPrintsNorExits) {
  expect_nowhere_in_library("std::(cout|cerr|clog)\\b", "the library does not print");
  expect_nowhere_in_library("(^|[^a-zA-Z_:.>])(printf|puts|putchar)\\s*\\(", "the library does not print");
  expect_nowhere_in_library("fmt::print\\s*\\(", "the library does not print");
  expect_nowhere_in_library("(^|[^a-zA-Z_.>])(std::)?(exit|_Exit|abort|terminate)\\s*\\(", "the library does not exit");
}

}  // namespace
}  // namespace pop2piano::arch
