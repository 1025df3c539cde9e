// SPDX-License-Identifier: MIT
#include "app/http/http_message.h"

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "scratch_folder.h"

namespace pop2piano::serve {
namespace {

TEST(Target, IsDecoded) {
  RequestHead head;
  ASSERT_TRUE(read_target("/a%20b/c?q=x+y%26z&flag&n=1", head));
  EXPECT_EQ(head.path, "/a b/c");
  EXPECT_EQ(head.parameter("q"), "x y&z");
  EXPECT_EQ(head.parameter("n"), "1");
  EXPECT_EQ(head.query.count("flag"), 1U);
}

TEST(Target, NothingLeavesTheFolder) {
  RequestHead head;
  for (const char* target :
       {"/../etc/passwd", "/a/%2e%2e/b", "/a//b", "/./a", "/a%00b", "/a%2", "/a%zz", "a", "", "*", "/%2e%2e"}) {
    EXPECT_FALSE(read_target(target, head)) << target;
  }
}

TEST(Ranges, OneIsUnderstood) {
  using Part = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(range_of("bytes=0-99", 1000), Part(0, 100));
  EXPECT_EQ(range_of("bytes=900-", 1000), Part(900, 100));
  EXPECT_EQ(range_of("bytes=-10", 1000), Part(990, 10));
  EXPECT_EQ(range_of("bytes=-5000", 1000), Part(0, 1000));
  EXPECT_EQ(range_of("bytes=990-5000", 1000), Part(990, 10));
}

TEST(Ranges, OthersSendAllOrNothing) {
  for (const char* text : {"", "bytes=0-1,5-6", "lines=0-1", "bytes=9-1", "bytes=a-b", "bytes=--1", "bytes="}) {
    EXPECT_FALSE(range_of(text, 1000)) << text;
  }
  for (const char* text : {"bytes=1000-", "bytes=5000-6000", "bytes=-0"}) {
    EXPECT_THROW(static_cast<void>(range_of(text, 1000)), Refusal) << text;
  }
  EXPECT_THROW(static_cast<void>(range_of("bytes=0-", 0)), Refusal);
}

TEST(Codings, AreNegotiated) {
  EXPECT_TRUE(accepts("gzip, deflate, br", "br"));
  EXPECT_TRUE(accepts("gzip;q=0.5", "gzip"));
  EXPECT_FALSE(accepts("gzip;q=0, br", "gzip"));
  EXPECT_FALSE(accepts("", "gzip"));
  EXPECT_FALSE(accepts("brotli", "br"));
}

TEST(Tags, AreCompared) {
  EXPECT_TRUE(has_tag("\"a\", W/\"b\"", "\"b\""));
  EXPECT_TRUE(has_tag("*", "\"b\""));
  EXPECT_FALSE(has_tag("\"ab\"", "\"b\""));
}

TEST(Files, AnswerRangesAndTags) {
  const testing::ScratchFolder folder;
  write_file(folder / "x.flac", "0123456789");
  RequestHead head;
  Answer all = file_answer(head, folder / "x.flac", "audio/flac");
  EXPECT_EQ(all.status, 200);
  ASSERT_TRUE(all.file);
  EXPECT_EQ(all.file->count, 10U);
  std::string tag;
  for (const auto& [name, value] : all.headers) tag = name == "ETag" ? value : tag;
  head.headers["range"] = "bytes=2-4";
  Answer part = file_answer(head, folder / "x.flac", "audio/flac");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.file->first, 2U);
  EXPECT_EQ(part.file->count, 3U);
  head.headers["if-range"] = "\"of before\"";
  EXPECT_EQ(file_answer(head, folder / "x.flac", "audio/flac").status, 200);
  head.headers["if-none-match"] = tag;
  EXPECT_EQ(file_answer(head, folder / "x.flac", "audio/flac").status, 304);
  EXPECT_THROW(static_cast<void>(file_answer(head, folder / "y.flac", "audio/flac")), Refusal);
}

TEST(Cookies, AreFoundByTheirWholeName) {
  RequestHead head;
  head.headers["cookie"] = "ab=1; b=2;c=3";
  EXPECT_EQ(head.cookie("b"), "2");
  EXPECT_EQ(head.cookie("c"), "3");
  EXPECT_EQ(head.cookie("d"), "");
}

}  // namespace
}  // namespace pop2piano::serve
