// SPDX-License-Identifier: MIT
// Who includes whom, in src/ and include/, against the table of docs/architecture.md.
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "arch/architecture_table.h"
#include "arch/source_tree.h"

namespace pop2piano::arch {
namespace {

std::vector<SourceFile> library_sources() { return read_sources({"src", "include"}, {".h", ".cpp"}); }

std::map<std::string, Room> documented_rooms() {
  std::ifstream stream(repository() / "docs/architecture.md");
  return parse_architecture({std::istreambuf_iterator<char>(stream), {}});
}

// The repository's path of an included header; empty when it is none of ours.
std::string path_of(const Include& include) {
  if (include.quoted) return "src/" + include.file;
  return include.file.starts_with("pop2piano/") ? "include/" + include.file : std::string{};
}

using FilePredicate = std::function<bool(const std::string&)>;

FilePredicate within(const std::string& folder) {
  return [folder](const std::string& path) { return path.starts_with(folder); };
}

// Files that include a header matching `header`.
std::set<std::string> includers(const std::string& header) {
  const std::regex pattern(header);
  std::set<std::string> files;
  for (const SourceFile& source : library_sources())
    for (const Include& include : includes_of(source))
      if (std::regex_search(include.file, pattern)) files.insert(source.path);
  return files;
}

void expect_only(const std::string& header, const FilePredicate& allowed, const std::string& rule) {
  for (const std::string& file : includers(header)) EXPECT_TRUE(allowed(file)) << file << ": " << rule;
}

TEST(Includes, FollowTheTableOfTheArchitecture) {
  const auto table = documented_rooms();
  for (const SourceFile& source : library_sources()) {
    const std::string user = room_of(source.path);
    EXPECT_TRUE(user.empty() || table.contains(user)) << source.path << ": docs/architecture.md lists no room " << user;
    if (source.path.starts_with("src/")) {
      EXPECT_TRUE(source.path.starts_with("src/" + table.at(user).floor + "/")) << source.path << ": on another floor";
    }
    for (const Include& include : includes_of(source)) {
      const std::string path = path_of(include);
      if (path.empty()) continue;
      EXPECT_TRUE(may_use(table, source.path, room_of(path)))
          << source.path << ":" << include.line << ": " << user << " may not use " << room_of(path)
          << " (docs/architecture.md)";
    }
  }
}

// An edge that no file needs is a door that stands open.
TEST(Includes, NeedEveryEdgeOfTheTable) {
  std::map<std::string, std::set<std::string>> used;
  for (const SourceFile& source : library_sources())
    for (const Include& include : includes_of(source))
      if (const std::string path = path_of(include); !path.empty()) used[room_of(source.path)].insert(room_of(path));
  for (const auto& [name, room] : documented_rooms()) {
    if (room.floor == "app") continue;  // may use anything
    for (const std::string& listed : room.uses)
      EXPECT_TRUE(used[name].contains(listed)) << name << " does not use " << listed << " (docs/architecture.md)";
  }
}

TEST(Includes, NameFilesThatExist) {
  for (const SourceFile& source : library_sources())
    for (const Include& include : includes_of(source)) {
      const std::string path = path_of(include);
      EXPECT_TRUE(path.empty() || std::filesystem::exists(repository() / path))
          << source.path << ":" << include.line << ": \"" << include.file << "\" is written as \"floor/room/file.h\"";
    }
}

TEST(Includes, PublicHeadersShowOnlyPublicHeaders) {
  for (const SourceFile& source : read_sources({"include"}, {".h"}))
    for (const Include& include : includes_of(source)) {
      EXPECT_FALSE(include.quoted) << source.path << ":" << include.line << ": a header that is not installed";
      EXPECT_TRUE(include.file.starts_with("pop2piano/") || include.file.find_first_of("./") == std::string::npos)
          << source.path << ":" << include.line << ": <" << include.file << "> asks users for a third-party library";
    }
}

// Its types may appear in headers of audio, which are then audio's own.
TEST(Includes, FfmpegStaysInAudio) {
  const std::string ffmpeg = "^lib(av|sw)[a-z]*/";
  expect_only(ffmpeg, within("src/sound/audio/"), "FFmpeg lives in src/sound/audio");
  for (const std::string& file : includers(ffmpeg)) {
    if (file.ends_with(".h"))
      expect_only("^" + file.substr(4) + "$", within("src/sound/audio/"), file + " shows FFmpeg's types");
  }
}

TEST(Includes, FluidSynthStaysInOneFileOfARoom) {
  std::map<std::string, std::set<std::string>> by_room;
  for (const std::string& file : includers("^fluidsynth")) by_room[room_of(file)].insert(file);
  for (const auto& [name, files] : by_room) {
    EXPECT_EQ(files.size(), 1u) << name << ": the second file: " << *files.rbegin();
    EXPECT_TRUE(files.begin()->ends_with(".cpp")) << *files.begin();
  }
}

TEST(Includes, LibrariesStayWhereTheyBelong) {
  expect_only(
      "^(torch|ATen|c10)/",
      [](const std::string& path) {
        return path.starts_with("src/learning/train") || path.starts_with("src/app/trainer/");
      },
      "libtorch lives in src/learning/train* and src/app/trainer");
  expect_only("(intrin\\.h|^arm_neon|^arm_sve|^hwy/)", within("src/numbers/kernels/"),
              "SIMD lives in src/numbers/kernels");
  expect_only("^(oneapi/dnnl|dnnl)", within("src/numbers/kernels/"), "oneDNN lives in src/numbers/kernels");
  expect_only("^kiss_?fft", within("src/sound/dsp/"), "kissfft lives in src/sound/dsp");
  expect_only("^CLI/", within("src/app/"), "command lines are read in src/app");
}

}  // namespace
}  // namespace pop2piano::arch
