// SPDX-License-Identifier: MIT
// Two types of one name in one namespace are undefined behaviour as soon as one program links both: the linker keeps
// one of their destructors and containers for both. Compilers do not see it, so it is looked for here.
#include <fstream>
#include <map>
#include <regex>
#include <string>

#include <gtest/gtest.h>

#include "source_tree.h"

namespace pop2piano::arch {
namespace {

// "namespace::Name" of every type that a header defines at the start of a line, by file.
void collect(const std::filesystem::path& file, std::multimap<std::string, std::string>& types) {
  static const std::regex opens("^namespace ([A-Za-z0-9_:]+) \\{.*");
  static const std::regex defines("^(struct|class|enum class) ([A-Za-z0-9_]+)( final)?( :.*| \\{.*)$");
  std::ifstream stream(file);
  std::string scope, line;
  std::smatch match;
  while (std::getline(stream, line)) {
    if (std::regex_match(line, match, opens)) scope = match[1];
    if (std::regex_match(line, match, defines)) types.emplace(scope + "::" + match[2].str(), file.filename().string());
  }
}

TEST(TypeNames, AreDefinedInOneHeaderOnly) {
  std::multimap<std::string, std::string> types;
  const std::filesystem::path root = POP2PIANO_SOURCE_DIR;
  for (const char* folder : {"src", "include"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
      if (entry.path().extension() == ".h") collect(entry.path(), types);
    }
  }
  EXPECT_GT(types.size(), 100U);
  for (auto at = types.begin(); at != types.end(); at = types.upper_bound(at->first)) {
    std::string files;
    const auto [first, last] = types.equal_range(at->first);
    for (auto it = first; it != last; ++it) files += it->second + " ";
    EXPECT_EQ(std::distance(first, last), 1) << at->first << " is defined in " << files;
  }
}

}  // namespace
}  // namespace pop2piano::arch
