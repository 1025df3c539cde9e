// SPDX-License-Identifier: MIT
#include "base/core/output_file.h"

#include <pop2piano/error.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/core/mapped_file.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(OutputFile, IsThereOnlyAfterCommit) {
  const testing::ScratchFolder folder;
  {
    OutputFile file(folder / "a.mid");
    file.write("RIFF....");
    file.write_at(4, std::as_bytes(std::span("size", 4)));
    file.write("data");
    EXPECT_FALSE(std::filesystem::exists(folder / "a.mid"));
    file.commit();
  }
  EXPECT_EQ(text_of(folder / "a.mid"), "RIFFsizedata");
}

TEST(OutputFile, LeavesTheOldFileWhenAbandoned) {
  const testing::ScratchFolder folder;
  write_file(folder / "a.mid", "old");
  { OutputFile(folder / "a.mid").write("half"); }
  EXPECT_EQ(text_of(folder / "a.mid"), "old");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(OutputFile, WhatKilledProcessesLeftIsRemovedAndNothingElse) {
  const testing::ScratchFolder folder;
  const ::pid_t ended = ::fork();
  if (ended == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(ended, nullptr, 0), ended);
  const std::string dead = std::to_string(ended), own = std::to_string(::getpid());
  for (const std::string& name : {"a.p2pd." + dead + ".part", "b.two.p2pd." + dead + ".part"}) {
    write_file(folder / name, "half");
  }
  const std::vector<std::string> kept = {
      "a.p2pd",      "a.p2pd." + own + ".part", "b.p2pd.1.part",  "a.mid." + dead + ".part", "notes.part",
      "a.p2pd.part", "a.p2pd.x9.part",          "a.p2pd." + dead, "a.p2pd.-3.part"};
  for (const std::string& name : kept) write_file(folder / name, "whole");
  EXPECT_EQ(remove_abandoned_files(folder.path(), ".p2pd"), 2U);
  for (const std::string& name : kept) EXPECT_TRUE(std::filesystem::exists(folder / name)) << name;
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}),
            static_cast<std::ptrdiff_t>(kept.size()));
  EXPECT_EQ(remove_abandoned_files(folder / "absent", ".p2pd"), 0U);
}

TEST(OutputFile, NamesTheFileWhenTheFolderIsMissing) {
  try {
    write_file("/nonexistent/cover.mid", "x");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::write_failed);
    EXPECT_NE(std::string(error.what()).find("/nonexistent/cover.mid"), std::string::npos);
  }
}

TEST(OutputFile, ReportsAFullDisk) {
  // /dev/full cannot be renamed over, so the temporary file is reached through a link into it.
  const testing::ScratchFolder folder;
  const auto temporary = folder / ("a.mid." + std::to_string(::getpid()) + ".part");
  std::filesystem::create_symlink("/dev/full", temporary);
  OutputFile file(folder / "a.mid");
  file.write("x");
  EXPECT_THROW(file.commit(), Error);
}

TEST(MappedFile, MapsBytesAndRefusesWhatIsNoFile) {
  const testing::ScratchFolder folder;
  write_file(folder / "a", "abc");
  write_file(folder / "empty", "");
  EXPECT_EQ(MappedFile(folder / "a").bytes().size(), 3U);
  EXPECT_TRUE(MappedFile(folder / "empty").bytes().empty());
  EXPECT_THROW(MappedFile(folder / "missing"), Error);
  EXPECT_THROW(MappedFile{folder.path()}, Error);
}

}  // namespace
}  // namespace pop2piano
