// SPDX-License-Identifier: MIT
#include "app/serve/page_files.h"

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"

namespace pop2piano::serve {
namespace {

TEST(PageFiles, AFolderReplacesFilesAndLinksOutOfItDoNotCount) {
  const testing::ScratchFolder folder, outside;
  std::filesystem::create_directory(folder / "web");
  write_file(folder / "web/index.html", "<p>mine");
  write_file(outside / "secret.txt", "secret");
  std::filesystem::create_symlink(outside / "secret.txt", folder / "web/secret.txt");
  PageFiles pages(folder / "web");
  RequestHead head;
  head.path = "/";
  EXPECT_EQ(pages.answer(head).file->file.filename(), "index.html");
  head.path = "/secret.txt";
  EXPECT_THROW(static_cast<void>(pages.answer(head)), Refusal);
}

}  // namespace
}  // namespace pop2piano::serve
