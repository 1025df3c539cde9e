// SPDX-License-Identifier: MIT
#include "app/http/multipart.h"

#include <cstdlib>

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

// What the reader made of a body that came in pieces of random lengths.
struct Outcome {
  std::string bytes, name, refusal;
  bool found = false, ended = false;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome_of(const std::string& type, const std::string& body, Random* random) {
  Outcome outcome;
  try {
    MultipartReader reader(type,
                           [&](std::span<const char> bytes) { outcome.bytes.append(bytes.data(), bytes.size()); });
    for (std::size_t at = 0; at < body.size();) {
      const std::size_t piece = random == nullptr ? body.size() : 1 + random->next() % 70;
      const std::string part = body.substr(at, piece);  // of its own memory: what reads beyond it is seen
      reader.take(part);
      at += part.size();
    }
    outcome.name = reader.file_name();
    outcome.found = reader.found();
    outcome.ended = reader.ended();
  } catch (const Refusal& refusal) {
    outcome = {.refusal = refusal.what()};
  }
  return outcome;
}

std::string random_text(Random& random, std::span<const std::string> pieces, std::uint64_t most) {
  std::string text;
  for (std::uint64_t i = random.next() % most; i > 0; --i) {
    const std::uint64_t kind = random.next() % (pieces.size() + 2);
    if (kind < pieces.size()) text += pieces[kind];
    if (kind == pieces.size()) text.append(random.next() % 20, static_cast<char>(random.next()));
    if (kind == pieces.size() + 1) text += static_cast<char>(random.next());
  }
  return text;
}

int bodies_to_try() {
  const char* wish = std::getenv("POP2PIANO_BODIES");
  return wish == nullptr ? 20000 : std::atoi(wish);
}

// Bytes that are near to what counts, with random boundaries: the result does not depend on how they come, no more
// comes out than went in, and what is refused is refused with a reason. POP2PIANO_BODIES: another number of them.
TEST(Multipart, RandomBodiesGiveTheSameHoweverTheyCome) {
  Random random(1);
  const std::string heads[] = {"boundary=", "\"", "b", "--x", ";", "multipart/form-data; ", " ", std::string(60, 'y')};
  int refused = 0, files = 0, ended = 0;
  for (int run = 0; run < bodies_to_try(); ++run) {
    const std::string type = "multipart/form-data; boundary=" + (run % 4 == 0   ? random_text(random, heads, 6)
                                                                 : run % 2 == 0 ? "b"
                                                                                : "\"--x\"");
    const std::string mark = run % 4 != 0 && run % 2 == 0 ? "--b" : "----x";
    const std::string pieces[] = {mark,
                                  "\r\n" + mark,
                                  "\r\n",
                                  "--",
                                  "Content-Disposition: form-data; ",
                                  "filename=",
                                  "\"",
                                  "\r",
                                  "\n",
                                  "filename=\"%22b%22\"",
                                  "\r\n\r\n",
                                  ";",
                                  mark + "--\r\n",
                                  "content-DISPOSITION:",
                                  std::string(1, '\0')};
    std::string body = run % 3 == 0 ? mark + "\r\nContent-Disposition: form-data; filename=\"a\"\r\n" : "";
    body += random_text(random, pieces, 40);
    if (run % 1000 == 0) body += std::string(10000, 'h');
    const Outcome whole = outcome_of(type, body, nullptr);
    ASSERT_EQ(whole, outcome_of(type, body, &random)) << run << " " << type << " " << body;
    ASSERT_LE(whole.bytes.size(), body.size());
    ASSERT_TRUE(whole.bytes.empty() || body.find(whole.bytes) != std::string::npos) << body;
    ASSERT_TRUE(whole.found || whole.bytes.empty()) << body;
    refused += whole.refusal.empty() ? 0 : 1;
    files += whole.found ? 1 : 0;
    ended += whole.ended ? 1 : 0;
  }
  EXPECT_GT(refused, 0);
  EXPECT_GT(files, 0);
  EXPECT_GT(ended, 0);
}

}  // namespace
}  // namespace pop2piano::serve
