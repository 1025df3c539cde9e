// SPDX-License-Identifier: MIT
#include "sound/audio/text.h"

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

TEST(CleanText, KeepsUtf8AndTakesTheRestAsLatin1) {
  EXPECT_EQ(clean_text("Ça <&> \"歌\" 🎹"), "Ça <&> \"歌\" 🎹");
  EXPECT_EQ(clean_text("Bj\xF6rk"), "Björk");
  EXPECT_EQ(clean_text("\xC0\xAF"), "À¯");            // overlong
  EXPECT_EQ(clean_text("\xED\xA0\x80"), "í\u00A0€");  // surrogate
  EXPECT_EQ(clean_text("cut \xE6\xAD"), "cut æ\u00AD");
}

TEST(CleanText, HasNoControlCharactersAndNoOuterBlanks) {
  EXPECT_EQ(clean_text(" a\nb\tc\x7F "), "a b c");
  EXPECT_EQ(clean_text(" \n "), "");
  EXPECT_EQ(clean_text(""), "");
}

TEST(SecondsText, HasOneDecimal) { EXPECT_EQ(seconds_text(12.34), "12.3 s"); }

}  // namespace
}  // namespace pop2piano
