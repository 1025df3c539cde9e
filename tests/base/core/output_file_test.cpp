// SPDX-License-Identifier: MIT
#include "base/core/output_file.h"

#include <pop2piano/error.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
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

// As temporary files name it: what stands before the process in the name of one.
std::string this_host() {
  const testing::ScratchFolder folder;
  const OutputFile file(folder / "a.mid");
  const std::string name = std::filesystem::directory_iterator(folder.path())->path().filename().string();
  const std::size_t end = name.find("." + std::to_string(::getpid()) + ".");
  return name.substr(6, end - 6);
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
  const std::string host = this_host(), dead = host + "." + std::to_string(ended),
                    own = host + "." + std::to_string(::getpid());
  for (const std::string& name : {"a.p2pd." + dead + ".0f.part", "b.two.p2pd." + dead + ".1e.part"}) {
    write_file(folder / name, "half");
  }
  const std::vector<std::string> kept = {"a.p2pd",
                                         "a.p2pd." + own + ".0f.part",
                                         "b.p2pd." + host + ".1.0f.part",
                                         "a.mid." + dead + ".0f.part",
                                         "a.p2pd.another" + dead + ".0f.part",
                                         "notes.part",
                                         "a.p2pd.part",
                                         "a.p2pd." + host + ".x9.0f.part",
                                         "a.p2pd." + dead,
                                         "a.p2pd." + host + ".-3.0f.part"};
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
  // A limit of the process stands for the disk's.
  const testing::ScratchFolder folder;
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto former = std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit one_byte { .rlim_cur = 1, .rlim_max = before.rlim_max };
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &one_byte), 0);
  {
    OutputFile file(folder / "a.mid");
    file.write("xx");
    EXPECT_THROW(file.commit(), Error);
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, former);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(OutputFile, TwoWritersOfOneTargetHaveFilesOfTheirOwn) {
  const testing::ScratchFolder folder;
  OutputFile first(folder / "a.mid"), second(folder / "a.mid");
  first.write("first");
  second.write("second");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
  first.commit();
  EXPECT_EQ(text_of(folder / "a.mid"), "first");
  second.commit();
  EXPECT_EQ(text_of(folder / "a.mid"), "second");
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
