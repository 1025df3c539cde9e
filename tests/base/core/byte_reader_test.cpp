// SPDX-License-Identifier: MIT
#include "base/core/byte_reader.h"

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

TEST(ByteReader, ReadsBackWhatTheWriterWrote) {
  ByteWriter writer;
  writer.little<std::uint32_t>(0x01020304);
  writer.big<std::uint16_t>(0x0506);
  writer.little<double>(-2.5);
  writer.put_text("MThd");
  EXPECT_EQ(writer.bytes()[0], std::byte{4});
  EXPECT_EQ(writer.bytes()[4], std::byte{5});
  ByteReader reader(writer.bytes(), "memory");
  EXPECT_EQ(reader.little<std::uint32_t>(), 0x01020304U);
  EXPECT_EQ(reader.big<std::uint16_t>(), 0x0506);
  EXPECT_EQ(reader.little<double>(), -2.5);
  EXPECT_EQ(reader.take_text(4), "MThd");
  EXPECT_TRUE(reader.at_end());
}

TEST(ByteReader, ThrowsPastTheEndWithoutMoving) {
  const std::byte bytes[3] = {};
  ByteReader reader(bytes, "song.mid");
  EXPECT_THROW(reader.little<std::uint32_t>(), Error);
  EXPECT_THROW(reader.skip(SIZE_MAX), Error);
  EXPECT_EQ(reader.remaining(), 3U);
}

}  // namespace
}  // namespace pop2piano
