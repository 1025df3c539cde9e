// SPDX-License-Identifier: MIT
#include "app/http/multipart.h"

#include <gtest/gtest.h>

#include "app/http/http_message.h"
#include "base/core/random.h"

namespace pop2piano::serve {
namespace {

constexpr const char* kType = "multipart/form-data; boundary=\"--x\"";

std::string body_of(const std::string& content) {
  return "----x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nskip\r\n----x\r\nContent-Disposition: form-data; "
         "name=\"file\"; filename=\"My %22song%22.mp3\"\r\nContent-Type: audio/mpeg\r\n\r\n" +
         content + "\r\n----x--\r\n";
}

struct Read {
  std::string bytes, name;
  bool ended = false;
};

Read read_in_pieces(const std::string& body, std::size_t piece) {
  Read read;
  MultipartReader reader(kType, [&](std::span<const char> bytes) { read.bytes.append(bytes.data(), bytes.size()); });
  for (std::size_t at = 0; at < body.size(); at += piece) {
    const std::string part = body.substr(at, piece);
    reader.take(part);
  }
  read.name = reader.file_name();
  read.ended = reader.ended();
  return read;
}

TEST(Multipart, TheFileComesOutInPiecesOfAnySize) {
  const std::string content = "first\r\n--\r\n----\r\n----y binary end\r\n";
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U, 100000U}) {
    const Read read = read_in_pieces(body_of(content), piece);
    EXPECT_EQ(read.bytes, content) << piece;
    EXPECT_EQ(read.name, "My \"song\".mp3");
    EXPECT_TRUE(read.ended);
  }
  EXPECT_EQ(read_in_pieces(body_of(""), 1).bytes, "");
}

TEST(Multipart, WhatIsCutOffHasNotEnded) {
  const std::string body = body_of("abc");
  EXPECT_FALSE(read_in_pieces(body.substr(0, body.size() - 6), 5).ended);
}

TEST(Multipart, NoBoundaryIsRefused) {
  for (const char* type :
       {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\""}) {
    EXPECT_THROW(MultipartReader(type, nullptr), Refusal) << type;
  }
  EXPECT_THROW(MultipartReader("multipart/form-data; boundary=" + std::string(71, 'x'), nullptr), Refusal);
}

TEST(Multipart, ALongHeaderIsRefused) {
  MultipartReader reader(kType, [](std::span<const char>) {});
  const std::string body = "----x\r\n" + std::string(9000, 'a');
  EXPECT_THROW(reader.take(body), Refusal);
}

// Bytes that are near to what counts: whatever comes, no more comes out than went in.
TEST(Multipart, RandomBodiesDoNoHarm) {
  Random random(1);
  const std::string pieces[] = {
      "----x",          "\r\n",     "--", "Content-Disposition: form-data; ", "filename=", "\"", "a", "\r", "\n",
      "filename=\"b\"", "\r\n\r\n", ";"};
  for (int run = 0; run < 100000; ++run) {
    std::string body, out;
    for (std::uint64_t i = random.next() % 40; i > 0; --i) body += pieces[random.next() % std::size(pieces)];
    MultipartReader reader(kType, [&](std::span<const char> bytes) { out.append(bytes.data(), bytes.size()); });
    const std::size_t middle = body.size() / 2;
    reader.take(std::string_view(body).substr(0, middle));
    reader.take(std::string_view(body).substr(middle));
    ASSERT_LE(out.size(), body.size());
    ASSERT_TRUE(out.empty() || body.find(out) != std::string::npos);
  }
}

}  // namespace
}  // namespace pop2piano::serve
