// SPDX-License-Identifier: MIT
#include "judging/evaluate/listening_test.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;

std::vector<ListeningClip> clips() {
  std::vector<ListeningClip> all;
  for (const char* song : {"one", "two"}) {
    for (const char* system : {"human", "machine"}) all.push_back({"", song, system, "", ""});
  }
  return all;
}

TEST(ListeningTest, OrderAndNamesDependOnTheSeedOnly) {
  const auto a = shuffled_clips(clips(), 1), b = shuffled_clips(clips(), 1), c = shuffled_clips(clips(), 2);
  std::set<std::string> ids;
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].id, b[i].id);
    EXPECT_NE(a[i].id, c[i].id);
    ids.insert(a[i].id);
  }
  EXPECT_EQ(ids.size(), 4u);
}

TEST(ListeningTest, ThePageDoesNotTellTheSystems) {
  const auto all = shuffled_clips(clips(), 3);
  const std::string page = listening_page(all, "Which piano <one>?", 3);
  EXPECT_EQ(page.find("machine"), std::string::npos);
  EXPECT_EQ(page.find("human"), std::string::npos);
  EXPECT_EQ(page.find("http"), std::string::npos);
  EXPECT_NE(page.find("&lt;one&gt;"), std::string::npos);
  for (const ListeningClip& clip : all) EXPECT_NE(page.find(clip.sound), std::string::npos);
}

TEST(ListeningTest, AnalysesByHand) {
  const ScratchFolder folder;
  const std::vector<ListeningClip> key = {
      {"aaaa", "one", "human", "", ""}, {"bbbb", "one", "machine", "", ""}, {"cccc", "two", "human", "", ""}};
  write_file(folder / "key.tsv", listening_key(key));
  write_file(folder / "x.csv",
             "\"listener\",\"kind\",\"first\",\"second\",\"answer\"\r\n"
             "\"ann, \"\"a\"\"\",\"mos\",\"aaaa\",\"\",\"5\"\r\n"
             "\"ann, \"\"a\"\"\",\"mos\",\"bbbb\",\"\",\"2\"\r\n"
             "\"ann, \"\"a\"\"\",\"pair\",\"bbbb\",\"aaaa\",\"second\"\r\n");
  write_file(folder / "y.csv",
             "bob,mos,cccc,,4\nbob,mos,bbbb,,3\nbob,pair,aaaa,bbbb,equal\nbob,pair,aaaa,bbbb,second\n");
  const std::vector<std::filesystem::path> files = {folder / "x.csv", folder / "y.csv"};
  const ListeningResult result = analyse_listening(files, read_listening_key(folder / "key.tsv"));
  EXPECT_EQ(result.listeners, 2u);
  EXPECT_EQ(result.answers, 7u);
  EXPECT_DOUBLE_EQ(result.opinion.at("human").mean, 4.5);
  EXPECT_DOUBLE_EQ(result.opinion.at("machine").mean, 2.5);
  ASSERT_EQ(result.preferences.size(), 1u);
  EXPECT_EQ(result.preferences[0].first, "human");
  EXPECT_EQ(result.preferences[0].for_first, 1u);
  EXPECT_EQ(result.preferences[0].for_second, 1u);
  EXPECT_EQ(result.preferences[0].equal, 1u);
  EXPECT_DOUBLE_EQ(result.preferences[0].share().value(), 0.5);
}

TEST(ListeningTest, RefusesAnswersThatDoNotFit) {
  const ScratchFolder folder;
  const std::vector<ListeningClip> key = {{"aaaa", "one", "human", "", ""}};
  for (const char* text : {"bob,mos,zzzz,,4\n", "bob,mos,aaaa,,9\n", "bob,mos,aaaa\n", "bob,pair,aaaa,aaaa,maybe\n",
                           "bob,smell,aaaa,,1\n", ""}) {
    write_file(folder / "x.csv", text);
    EXPECT_THROW(analyse_listening(std::vector<std::filesystem::path>{folder / "x.csv"}, key), Error) << text;
  }
}

}  // namespace
}  // namespace pop2piano
