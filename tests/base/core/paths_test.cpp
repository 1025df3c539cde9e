// SPDX-License-Identifier: MIT
#include "base/core/paths.h"

#include <string>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Paths, WhateverIsAskedNothingIsThrown) {
  const testing::ScratchFolder folder;
  std::filesystem::create_symlink(folder / "circle", folder / "circle");
  for (const std::filesystem::path& path :
       {std::filesystem::path(repeated("x", 5000)), folder / repeated("x", 300), folder / "circle" / "a",
        std::filesystem::path(""), std::filesystem::path("a\n\xFF"), folder / "no"}) {
    EXPECT_FALSE(path_exists(path));
    EXPECT_FALSE(is_folder(path));
    EXPECT_FALSE(is_plain_file(path));
  }
  EXPECT_TRUE(is_folder(folder.path()));
  write_file(folder / "a", "x");
  EXPECT_TRUE(is_plain_file(folder / "a"));
}

TEST(Paths, NamesAreCutBetweenCharacters) {
  EXPECT_EQ(fitting_name("song", ".mid"), "song.mid");
  const std::string long_name = fitting_name(repeated("あ", 83), ".piano.musicxml");
  EXPECT_EQ(long_name, repeated("あ", 80) + ".piano.musicxml");
  EXPECT_EQ(fitting_name("abc", ".mid", 5), "a.mid");
}

// A name of the greatest length leaves no room for what a temporary file adds.
TEST(Paths, AFileWithTheLongestNameIsWritten) {
  const testing::ScratchFolder folder;
  for (const std::string& name : {repeated("x", 255), repeated("あ", 85), repeated("x", 245)}) {
    write_file(folder / name, "text");
    EXPECT_EQ(std::filesystem::file_size(folder / name), 4U);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 3);
}

}  // namespace
}  // namespace pop2piano
