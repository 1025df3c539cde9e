// SPDX-License-Identifier: MIT
#include "base/core/installed_file.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

constexpr const char* kOverride = "POP2PIANO_TEST_OVERRIDE";

class InstalledFile : public ::testing::Test {
 protected:
  void SetUp() override {
    unsetenv(kOverride);
    if (const char* models = std::getenv("POP2PIANO_MODELS")) kept_ = models;
    std::filesystem::create_directory(folder_ / "net");
    write_file(folder_ / "net/weights", std::string_view("here"));
    setenv("POP2PIANO_MODELS", folder_.path().c_str(), 1);
  }
  void TearDown() override {
    unsetenv(kOverride);
    if (kept_.empty())
      unsetenv("POP2PIANO_MODELS");
    else
      setenv("POP2PIANO_MODELS", kept_.c_str(), 1);
  }
  const testing::ScratchFolder folder_;
  std::string kept_;
};

TEST_F(InstalledFile, TheUsersFolderOfModelsComesFirst) {
  EXPECT_EQ(installed_folders().front(), folder_.path());
  EXPECT_EQ(installed_file("net/weights", kOverride), folder_ / "net/weights");
  EXPECT_EQ(installed_file("net/nothing of this name", kOverride), "");
}

TEST_F(InstalledFile, TheEnvironmentNamesAnotherOrNone) {
  setenv(kOverride, "/elsewhere/weights", 1);
  EXPECT_EQ(installed_file("net/weights", kOverride), "/elsewhere/weights");
  setenv(kOverride, "none", 1);
  EXPECT_EQ(installed_file("net/weights", kOverride), "");
}

}  // namespace
}  // namespace pop2piano
