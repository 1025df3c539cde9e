// SPDX-License-Identifier: MIT
#include "base/core/crc32c.h"

#include <numeric>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

std::uint32_t bit_by_bit(std::span<const std::byte> bytes) {
  std::uint32_t state = 0xFFFFFFFFU;
  for (const std::byte b : bytes) {
    state ^= std::to_integer<std::uint32_t>(b);
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1U) != 0 ? 0x82F63B78U : 0U);
  }
  return ~state;
}

TEST(Crc32c, AgreesWithTheVectorsOfRfc3720) {
  const std::string_view digits = "123456789";
  EXPECT_EQ(crc32c(std::as_bytes(std::span(digits.data(), digits.size()))), 0xE3069283U);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32)), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xFF})), 0x62A8AB43U);
  EXPECT_EQ(crc32c({}), 0U);
}

TEST(Crc32c, AgreesWithThePlainDefinitionAndContinues) {
  Random random(1);
  for (std::size_t size = 0; size < 100; ++size) {
    std::vector<std::byte> bytes(size);
    for (std::byte& b : bytes) b = static_cast<std::byte>(random.next());
    const std::span<const std::byte> all(bytes);
    EXPECT_EQ(crc32c(all), bit_by_bit(all)) << size;
    const std::size_t cut = size == 0 ? 0 : random.index(size);
    EXPECT_EQ(crc32c(all.subspan(cut), crc32c(all.first(cut))), crc32c(all)) << size << " cut at " << cut;
  }
}

}  // namespace
}  // namespace pop2piano
