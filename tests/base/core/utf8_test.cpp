// SPDX-License-Identifier: MIT
#include "base/core/utf8.h"

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

TEST(Utf8, ValidTextIsValidToItsEnd) {
  for (const std::string_view text :
       {"", "plain", "Ça", "歌", "🎹", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(valid_utf8_bytes(text), text.size()) << text;
  }
}

TEST(Utf8, StopsBeforeWhatRfc3629Forbids) {
  for (const std::string_view bad : {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                                     "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xE6\xAD", "\xE6z"}) {
    EXPECT_EQ(valid_utf8_bytes("é" + std::string(bad) + "z"), 2U);
  }
}

TEST(Utf8, EveryByteOfLatin1IsACharacter) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    const std::string utf8 = utf8_of_latin1(one);
    EXPECT_EQ(utf8.size(), byte < 0x80 ? 1U : 2U);
    EXPECT_EQ(valid_utf8_bytes(utf8), utf8.size());
  }
  EXPECT_EQ(utf8_of_latin1("Bj\xF6rk \xBF"), "Björk ¿");
}

}  // namespace
}  // namespace pop2piano
