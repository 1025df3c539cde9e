// SPDX-License-Identifier: MIT
#include "app/serve/store.h"

#include <pop2piano/error.h>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"

namespace pop2piano::serve {
namespace {

Song song_of(const std::string& id, std::int64_t used = 0) {
  return {.id = id, .name = id + ".mp3", .title = "Title " + id, .bytes = 1, .added = used, .used = used};
}

std::int64_t add(Store& store, const std::string& song, const std::string& take, const std::string& client) {
  return store.add_job({.kind = "cover", .song = song, .take = take, .client = client});
}

TEST(Store, ClientsTakeTurns) {
  const testing::ScratchFolder folder;
  Store store(folder.path());
  store.put(song_of("s"));
  for (int i = 0; i < 3; ++i) add(store, "s", "a" + std::to_string(i), "greedy");
  add(store, "s", "b", "late");
  std::string order;
  while (auto job = store.claim()) {
    order += job->take + " ";
    job->state = "done";
    store.put(*job);
  }
  EXPECT_EQ(order, "a0 b a1 a2 ");
}

TEST(Store, WhatRanWhenTheServerWasKilledWaitsAgain) {
  const testing::ScratchFolder folder;
  {
    Store store(folder.path());
    store.put(song_of("s"));
    add(store, "s", "t", "c");
    ASSERT_TRUE(store.claim());
    EXPECT_FALSE(store.claim());
  }
  Store store(folder.path());
  EXPECT_EQ(store.requeue_running(), 1);
  const auto job = store.claim();
  ASSERT_TRUE(job);
  EXPECT_EQ(job->take, "t");
}

TEST(Store, TheSameWorkWaitsOnce) {
  const testing::ScratchFolder folder;
  Store store(folder.path());
  store.put(song_of("s"));
  add(store, "s", "t", "c");
  EXPECT_THROW(add(store, "s", "t", "d"), Error);
  EXPECT_TRUE(store.active_job("cover", "s", "t"));
  EXPECT_EQ(store.waiting(), 1);
}

TEST(Store, OneServerToAFolder) {
  const testing::ScratchFolder folder;
  const Store store(folder.path());
  EXPECT_THROW(Store(folder.path()), Error);
}

TEST(Store, WordsAreSearched) {
  const testing::ScratchFolder folder;
  Store store(folder.path());
  store.put(song_of("one"));
  store.put(song_of("two"));
  EXPECT_EQ(store.songs({"title", "TWO"}, 10, 0).size(), 1U);
  EXPECT_EQ(store.songs({}, 1, 1).size(), 1U);
  EXPECT_TRUE(store.songs({"%"}, 10, 0).empty());
}

TEST(Store, OldAndLargeSongsAreOutdatedUnlessTheyAreAtWork) {
  const testing::ScratchFolder folder;
  Store store(folder.path());
  store.put(song_of("old", now() - 10 * 86400));
  store.put(song_of("busy", now() - 11 * 86400));
  store.put(song_of("new", now()));
  add(store, "busy", "t", "c");
  std::filesystem::create_directories(store.song_folder("old"));
  write_file(store.song_folder("old") / "original", std::string(1000, 'x'));
  EXPECT_EQ(store.outdated(5, 0), std::vector<std::string>{"old"});
  EXPECT_EQ(store.outdated(0, 500), std::vector<std::string>{"old"});
  EXPECT_TRUE(store.outdated(20, 5000).empty());
}

TEST(Store, ADeletedSongTakesEverythingWithIt) {
  const testing::ScratchFolder folder;
  Store store(folder.path());
  store.put(song_of("s"));
  const Take take{.id = "t", .song = "s", .options = nlohmann::json::object(), .summary = nlohmann::json::object()};
  store.put(take);
  store.set_edits("t", "{}");
  std::filesystem::create_directories(store.take_folder(take));
  std::filesystem::create_directories(store.song_folder("s"));
  add(store, "s", "t", "c");
  store.delete_song("s");
  EXPECT_FALSE(store.take("t"));
  EXPECT_TRUE(store.jobs().empty());
  EXPECT_FALSE(std::filesystem::exists(store.folder() / "takes/t"));
  EXPECT_FALSE(std::filesystem::exists(store.song_folder("s")));
}

}  // namespace
}  // namespace pop2piano::serve
