// SPDX-License-Identifier: MIT
#include "base/core/sealed_file.h"

#include <pop2piano/error.h>

#include <cstring>
#include <functional>

#include <gtest/gtest.h>

#include "base/core/value_bytes.h"

namespace pop2piano {

// In the library's namespace, as value_bytes.h asks for.
struct Example {
  int number = 0;
  double real = 0;
  bool truth = false;
  std::string text;
  std::optional<float> maybe, absent;
  std::vector<std::int16_t> numbers;
  std::vector<std::string> texts;
};

template <typename Archive>
void fields(Archive& archive, Described<Archive, Example>& v) {
  archive(v.number, v.real, v.truth, v.text, v.maybe, v.absent, v.numbers, v.texts);
}

namespace {

constexpr Seal kSeal{.magic = "TESTSEAL", .version = 3, .what = "a test", .remedy = "write it again"};

using Bytes = std::vector<std::byte>;

Bytes bytes_of(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

std::string message_of(const std::function<void()>& call, ErrorCode code) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

TEST(SealedFile, GivesBackItsContents) {
  for (const std::string text : {"", "x", "some contents"}) {
    const Bytes file = sealed(kSeal, bytes_of(text));
    EXPECT_EQ(file.size(), kSealBytes + text.size());
    EXPECT_TRUE(has_seal(kSeal, file));
    const auto contents = unsealed(kSeal, file, "file");
    EXPECT_EQ(Bytes(contents.begin(), contents.end()), bytes_of(text));
  }
}

TEST(SealedFile, TellsEveryCutAndEveryFlippedBit) {
  const Bytes file = sealed(kSeal, bytes_of("contents"));
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_THROW((void)unsealed(kSeal, std::span(file).first(size), "file"), Error) << size;
  }
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    Bytes damaged = file;
    damaged[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_THROW((void)unsealed(kSeal, damaged, "file"), Error) << bit;
  }
  Bytes longer = file;
  longer.push_back(std::byte{0});
  EXPECT_THROW((void)unsealed(kSeal, longer, "file"), Error);
}

TEST(SealedFile, SaysWhatIsWrong) {
  const auto found = [](const Bytes& bytes, ErrorCode code) {
    return message_of([&] { (void)unsealed(kSeal, bytes, "my.file"); }, code);
  };
  EXPECT_EQ(found(bytes_of("something else"), ErrorCode::malformed), "my.file: is not a test");
  Seal newer = kSeal;
  newer.version = 4;
  EXPECT_EQ(found(sealed(newer, bytes_of("x")), ErrorCode::unsupported),
            "my.file: version 3 of a test expected, 4 found; write it again");
  Bytes cut = sealed(kSeal, bytes_of("contents"));
  cut.pop_back();
  EXPECT_EQ(found(cut, ErrorCode::malformed), "my.file: a test of 8 bytes expected, 7 found; write it again");
}

TEST(ValueBytes, ComeBackAsTheyWere) {
  const Example example{.number = -7,
                        .real = 0.1,
                        .truth = true,
                        .text = std::string("a\0b", 3),
                        .maybe = 1.5F,
                        .absent = {},
                        .numbers = {1, -2, 3},
                        .texts = {"", "two"}};
  ValueWriter writer;
  writer(example);
  ValueReader reader(writer.bytes(), "file");
  Example read;
  reader(read);
  reader.expect_end();
  EXPECT_EQ(read.number, example.number);
  EXPECT_EQ(read.real, example.real);
  EXPECT_EQ(read.truth, example.truth);
  EXPECT_EQ(read.text, example.text);
  EXPECT_EQ(read.maybe, example.maybe);
  EXPECT_EQ(read.absent, example.absent);
  EXPECT_EQ(read.numbers, example.numbers);
  EXPECT_EQ(read.texts, example.texts);
  for (std::size_t size = 0; size < writer.bytes().size(); ++size) {
    ValueReader cut(std::span(writer.bytes()).first(size), "file");
    EXPECT_THROW(cut(read), Error) << size;
  }
}

TEST(ValueBytes, LengthsThatNothingHoldsAreErrors) {
  for (const std::uint64_t length :
       {std::uint64_t{9}, std::uint64_t{1} << 62, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    ByteWriter bytes;
    bytes.little(length);
    bytes.little(std::uint64_t{0});
    std::vector<double> numbers;
    std::vector<std::string> texts;
    std::string text;
    EXPECT_THROW(ValueReader(bytes.bytes(), "file")(numbers), Error) << length;
    EXPECT_THROW(ValueReader(bytes.bytes(), "file")(texts), Error) << length;
    EXPECT_THROW(ValueReader(bytes.bytes(), "file")(text), Error) << length;
  }
  const Bytes two{std::byte{2}};
  bool truth = false;
  EXPECT_THROW(ValueReader(two, "file")(truth), Error);
  EXPECT_THROW(ValueReader(two, "file").expect_end(), Error);
}

}  // namespace
}  // namespace pop2piano
