// SPDX-License-Identifier: MIT
#include "app/bundle/zip_writer.h"

#include <pop2piano/error.h>

#include <gtest/gtest.h>

#include "base/core/archive.h"
#include "base/core/output_file.h"
#include "scratch_folder.h"
#include "wav_fixture.h"

namespace pop2piano {
namespace {

TEST(ZipWriter, OurOwnReaderFindsTheFiles) {
  const testing::ScratchFolder folder;
  const std::string text(5000, 'a'), sound = "fLaC not really";
  write_file(folder / "a.txt", text);
  write_file(folder / "b.flac", sound);
  write_zip(folder / "all.zip",
            {{.name = "ä.txt", .file = folder / "a.txt"}, {.name = "b.flac", .file = folder / "b.flac"}});
  const std::string bytes = testing::bytes_of(folder / "all.zip");
  const Archive archive(std::as_bytes(std::span(bytes)), "all.zip");
  EXPECT_EQ(archive.entries().size(), 2U);
  EXPECT_EQ(archive.unpacked("ä.txt"), text);
  EXPECT_EQ(archive.unpacked("b.flac"), sound);
  EXPECT_EQ(archive.find("b.flac")->packing, Archive::Packing::stored);
  EXPECT_LT(bytes.size(), text.size());
}

TEST(ZipWriter, AfterAnErrorNothingIsLeft) {
  const testing::ScratchFolder folder;
  EXPECT_THROW(write_zip(folder / "all.zip", {{.name = "a", .file = folder / "none"}}), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace pop2piano
