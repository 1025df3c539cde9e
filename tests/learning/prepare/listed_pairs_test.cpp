// SPDX-License-Identifier: MIT
#include "learning/prepare/listed_pairs.h"

#include <pop2piano/error.h>

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;

std::string failure(const std::filesystem::path& list) {
  try {
    (void)read_listed_pairs(list);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ListedPairs, ThePublishedListNamesVideos) {
  const ScratchFolder folder;
  write_file(folder / "train_dataset.csv",
             std::string_view("\xEF\xBB\xBFpiano_ids,pop_ids\r\nabcdefghijk,-_345678901\r\nshort,-_345678901\r\n"
                              "abcdefghijk,-_345678901\r\n"));
  const PairList list = read_listed_pairs(folder / "train_dataset.csv");
  ASSERT_EQ(list.pairs.size(), 1U);
  EXPECT_EQ(list.pairs[0].cover, "https://www.youtube.com/watch?v=abcdefghijk");
  EXPECT_EQ(list.pairs[0].song, "https://www.youtube.com/watch?v=-_345678901");
  ASSERT_EQ(list.left_out.size(), 2U);
  EXPECT_NE(list.left_out[0].find("line 3: \"short\" is no id"), std::string::npos) << list.left_out[0];
  EXPECT_NE(list.left_out[1].find("line 4: is a pair that stands above"), std::string::npos) << list.left_out[1];
}

TEST(ListedPairs, ColumnsMayBeNamed) {
  const ScratchFolder folder;
  write_file(folder / "list.tsv",
             std::string_view("cover\ttitle\tsong\tarranger\tkey\n\n# more\na b.mid\t<b>One\t/x/one.ogg\tAnna\t-3\n"
                              "b.mid\tTwo\ttwo.ogg\tAnna\tup\nc.mid\tThree\n"));
  const PairList list = read_listed_pairs(folder / "list.tsv");
  ASSERT_EQ(list.pairs.size(), 1U);
  const ListedPair& pair = list.pairs[0];
  EXPECT_EQ(pair.song, "/x/one.ogg");
  EXPECT_EQ(pair.cover, folder / "a b.mid");
  EXPECT_EQ(pair.title, "<b>One");
  EXPECT_EQ(pair.arranger, "Anna");
  EXPECT_EQ(pair.key, -3);
  EXPECT_TRUE(pair.name.starts_with("a_b-")) << pair.name;
  ASSERT_EQ(list.left_out.size(), 2U);
  EXPECT_NE(list.left_out[0].find("line 5: key"), std::string::npos) << list.left_out[0];
}

TEST(ListedPairs, FaultsAreNamed) {
  const ScratchFolder folder;
  EXPECT_NE(failure(folder / "none.tsv").find("no such file"), std::string::npos);
  EXPECT_NE(failure(folder.path()).find("is a folder"), std::string::npos);
  write_file(folder / "list.tsv", std::string_view("song\tcover\tcolour\n"));
  EXPECT_NE(failure(folder / "list.tsv").find("\"colour\""), std::string::npos);
  write_file(folder / "list.tsv", std::string_view("song\tsong\tcover\n"));
  EXPECT_NE(failure(folder / "list.tsv").find("one column song"), std::string::npos);
  write_file(folder / "list.tsv", std::string_view("only one field\n"));
  EXPECT_NE(failure(folder / "list.tsv").find("line 1"), std::string::npos);
  write_file(folder / "list.tsv", std::string_view("\xFF\xFE\tb\n"));
  EXPECT_NE(failure(folder / "list.tsv").find("UTF-8"), std::string::npos);
}

TEST(ListedPairs, AHundredThousandLinesHaveNamesOfTheirOwn) {
  const ScratchFolder folder;
  std::string text;
  for (int k = 0; k < 100'000; ++k)
    text += "s" + std::to_string(k / 2) + ".ogg\tsame/../" + std::to_string(k) + "/c.mid\n";
  write_file(folder / "list.tsv", text);
  const PairList list = read_listed_pairs(folder / "list.tsv");
  std::set<std::string> names;
  std::size_t first_half = 0;
  for (const ListedPair& pair : list.pairs) {
    names.insert(pair.name);
    first_half += pair.hash % 2 == 0 ? 1U : 0U;
  }
  EXPECT_EQ(names.size(), 100'000U);
  EXPECT_NEAR(static_cast<double>(first_half), 50'000.0, 1'000.0);  // parts are of about one size
}

}  // namespace
}  // namespace pop2piano
