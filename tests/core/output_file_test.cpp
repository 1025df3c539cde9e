// SPDX-License-Identifier: MIT
#include "core/output_file.h"

#include <pop2piano/error.h>

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "core/mapped_file.h"
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
