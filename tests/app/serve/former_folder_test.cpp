// SPDX-License-Identifier: MIT
// A data folder that an earlier version wrote.
#include <csignal>

#include <gtest/gtest.h>

#include "app/serve/store.h"
#include "app/tasks/take_options.h"
#include "scratch_folder.h"
#include "served_program.h"

namespace pop2piano::testing {
namespace {

using Json = nlohmann::json;

TEST(FormerFolder, OptionsThatCameLaterStandAtTheirDefaults) {
  const ScratchFolder folder;
  const std::string song(32, 'a');
  Json former = serve::TakeOptions{}.json();
  former["level"] = 2;
  for (const char* later : {"sections", "again", "fingering"}) former.erase(later);
  {
    serve::Store store(folder.path());
    store.put(serve::Song{.id = song, .name = "old.mp3", .title = "Old", .bytes = 1});
    store.put(serve::Take{.id = std::string(32, 'b'), .song = song, .options = former, .summary = Json::object()});
  }
  ServedProgram program(folder.path());
  const Json take = request(program.port(), "GET", "/api/v1/songs/" + song).json()["takes"][0];
  Json expected = serve::TakeOptions{}.json();
  expected["level"] = 2;
  EXPECT_EQ(take["options"], expected);
  EXPECT_EQ(take["options"]["sections"], Json::object());
  EXPECT_EQ(take["options"]["again"], Json::array());
  EXPECT_EQ(program.end(SIGTERM), 0);
}

}  // namespace
}  // namespace pop2piano::testing
