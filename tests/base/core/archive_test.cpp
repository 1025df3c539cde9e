// SPDX-License-Identifier: MIT
// Zip archives: what is stored lies where it lay, what is deflated comes out whole, damage and bombs are refused.
#include "base/core/archive.h"

#include <pop2piano/error.h>

#include <functional>

#include <gtest/gtest.h>

#include "zip_file.h"

namespace pop2piano {
namespace {

using testing::zip_file;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

void expect_error(const std::function<void()>& action, ErrorCode code, const std::string& part) {
  try {
    action();
    ADD_FAILURE() << "accepted; expected an error about " << part;
  } catch (const Error& error) {
    EXPECT_EQ(static_cast<int>(error.code()), static_cast<int>(code)) << error.what();
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("x.zip"), std::string::npos) << error.what();
  }
}

void unpack_all(const std::string& text) {
  const Archive archive(bytes_of(text), "x.zip");
  for (const auto& [name, entry] : archive.entries()) (void)archive.unpacked(name);
}

TEST(Archive, StoredEntriesAreViewsOfTheFile) {
  const std::string text = zip_file({{"a/b", "hello"}, {"c", ""}});
  EXPECT_TRUE(is_archive(bytes_of(text)));
  const Archive archive(bytes_of(text), "x.zip");
  const auto content = archive.stored("a/b");
  EXPECT_EQ(static_cast<const void*>(content.data()), text.data() + text.find("hello"));
  EXPECT_EQ(content.size(), 5U);
  EXPECT_TRUE(archive.stored("c").empty());
  EXPECT_EQ(archive.unpacked("a/b"), "hello");
  EXPECT_EQ(archive.find("d"), nullptr);
  expect_error([&] { (void)archive.stored("d"); }, ErrorCode::malformed, "entry d is missing");
}

TEST(Archive, DeflatedEntriesAreUnpackedAndNeverLentOut) {
  std::string song;
  for (int i = 0; i < 20'000; ++i) song += "<note>" + std::to_string(i * 7919 % 1000);
  const std::string text = zip_file({{"score.xml", song, true}, {"empty", "", true}, {"plain", "p"}});
  EXPECT_LT(text.size(), song.size() / 2);
  const Archive archive(bytes_of(text), "x.zip");
  EXPECT_EQ(archive.unpacked("score.xml"), song);
  EXPECT_EQ(archive.unpacked("empty"), "");
  EXPECT_EQ(archive.unpacked("plain"), "p");
  expect_error([&] { (void)archive.stored("score.xml"); }, ErrorCode::unsupported, "compressed");
}

TEST(Archive, ChecksumsShowOneWrongBit) {
  std::string stored = zip_file({{"a", "hello"}});
  stored[stored.find("hello") + 1] ^= 1;
  expect_error([&] { unpack_all(stored); }, ErrorCode::malformed, "checksum");
  expect_error([&] { (void)Archive(bytes_of(stored), "x.zip").stored("a"); }, ErrorCode::malformed, "checksum");
  // A literal of the one deflated block: the stream still decodes, to another letter.
  std::string deflated = zip_file({{"a", "hello", true}});
  deflated[31 + 1] ^= 4;
  expect_error([&] { unpack_all(deflated); }, ErrorCode::malformed, "checksum");
}

TEST(Archive, RefusesDamage) {
  expect_error([] { unpack_all(""); }, ErrorCode::malformed, "no zip directory");
  expect_error([] { unpack_all(std::string(100, 'x')); }, ErrorCode::malformed, "no zip directory");
  expect_error([] { unpack_all(zip_file({{"a", "hello"}, {"a", "again"}})); }, ErrorCode::malformed, "twice");
  expect_error([] { unpack_all(zip_file({{.name = "a", .content = "hello", .more_bytes = 1 << 30}})); },
               ErrorCode::malformed, "expected 1073741829");
  std::string moved = zip_file({{"a", "hello"}});
  moved[moved.size() - 6] = '\x7F';  // the directory's place
  expect_error([&] { unpack_all(moved); }, ErrorCode::malformed, "outside");
  const std::string whole = zip_file({{"a", std::string(500, 'h'), true}, {"b", "stored"}});
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_THROW(unpack_all(whole.substr(0, size)), Error);
}

TEST(Archive, RefusesBombsAndWhatItCannotRead) {
  const auto claims = [](std::uint32_t more_bytes) {
    return zip_file({{.name = "a", .content = "hello", .deflated = true, .more_bytes = more_bytes}});
  };
  expect_error([&] { unpack_all(claims(1)); }, ErrorCode::malformed, "expected 6 bytes, found 5");
  expect_error([&] { unpack_all(claims(1U << 31)); }, ErrorCode::unsupported, "at most 64 MiB");
  expect_error([&] { unpack_all(claims(32U << 20)); }, ErrorCode::malformed, "cannot become 33554437");
  EXPECT_EQ(Archive(bytes_of(zip_file({{"a", std::string(32U << 20, '\0'), true}})), "x.zip").unpacked("a").size(),
            32U << 20);  // the most that deflate can do is no claim
  const std::string zeros = zip_file({{"a", std::string((64U << 20) + 1, '\0'), true}});
  EXPECT_LT(zeros.size(), 100'000U);
  expect_error([&] { unpack_all(zeros); }, ErrorCode::unsupported, "at most 64 MiB");
  expect_error([] { unpack_all(zip_file({{.name = "a", .content = "hello", .method = 12}})); }, ErrorCode::unsupported,
               "stored or deflated");
  const std::string encrypted = zip_file({{.name = "a", .content = "hello", .flags = 1}, {"b", "open"}});
  expect_error([&] { unpack_all(encrypted); }, ErrorCode::unsupported, "not encrypted");
  EXPECT_EQ(Archive(bytes_of(encrypted), "x.zip").unpacked("b"), "open");  // what nobody asks for is in nobody's way
}

}  // namespace
}  // namespace pop2piano
