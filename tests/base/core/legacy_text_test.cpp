// SPDX-License-Identifier: MIT
// Titles in the encodings of older files, each short as titles are.
#include "base/core/legacy_text.h"

#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <iconv.h>

namespace pop2piano {
namespace {

std::string encoded(const std::string& utf8, const char* encoding) {
  const ::iconv_t converter = ::iconv_open(encoding, "UTF-8");
  std::string in = utf8, out(4 * utf8.size(), '\0');
  char *from = in.data(), *to = out.data();
  std::size_t from_left = in.size(), to_left = out.size();
  EXPECT_NE(::iconv(converter, &from, &from_left, &to, &to_left), static_cast<std::size_t>(-1)) << utf8;
  ::iconv_close(converter);
  out.resize(out.size() - to_left);
  return out;
}

constexpr std::pair<const char*, const char*> kTitles[] = {{"GBK", "国度已经降临"},
                                                           {"GBK", "盛晓玫"},
                                                           {"GBK", "月亮代表我的心"},
                                                           {"GBK", "七里香 - 周杰伦"},
                                                           {"GBK", "我的歌声里"},
                                                           {"GBK", "北京"},
                                                           {"GBK", "青花瓷"},
                                                           {"BIG5", "月亮代表我的心"},
                                                           {"BIG5", "七里香"},
                                                           {"BIG5", "周杰倫"},
                                                           {"CP932", "夜に駆ける"},
                                                           {"CP932", "群青"},
                                                           {"CP932", "残酷な天使のテーゼ"},
                                                           {"CP932", "ハッピー・クリスマス"},
                                                           {"CP932", "カラオケ"},
                                                           {"CP932", "YOASOBI 夜に"},
                                                           {"EUC-JP", "ひまわりの約束"},
                                                           {"EUC-JP", "夜に駆ける"},
                                                           {"CP949", "강남스타일"},
                                                           {"CP949", "사랑해요"},
                                                           {"CP1251", "Песня о друге"},
                                                           {"CP1251", "Катюша"},
                                                           {"CP1251", "Подмосковные вечера"},
                                                           {"CP1251", "Ой, то не вечер"},
                                                           {"CP1251", "Цой"},
                                                           {"CP1251", "КИНО"},
                                                           {"KOI8-R", "Песня о друге"},
                                                           {"KOI8-R", "Катюша"},
                                                           {"CP1252", "Für Elise"},
                                                           {"CP1252", "Café del Mar"},
                                                           {"CP1252", "Mötley Crüe"},
                                                           {"CP1252", "Ça plane pour moi"},
                                                           {"CP1252", "Don’t Stop"},
                                                           {"CP1252", "Björk"},
                                                           {"CP1252", "À la claire fontaine"},
                                                           {"CP1252", "naïve “quoted”"},
                                                           {"CP1252", "Händel: Süße Stille"},
                                                           {"CP1252", "Für Élise"},
                                                           {"CP1252", "Éé"},
                                                           {"CP1252", "Forêt noire – été à Nîmes, où l’âme…"}};

TEST(LegacyText, TitlesReadAsTheyWereWritten) {
  for (const auto& [encoding, title] : kTitles) {
    EXPECT_EQ(utf8_of_unknown(encoded(title, encoding)), title) << encoding;
  }
}

TEST(LegacyText, Utf8IsNeverTouched) {
  for (const auto& [encoding, title] : kTitles) EXPECT_EQ(utf8_of_unknown(title), title);
  EXPECT_EQ(utf8_of_unknown(""), "");
  EXPECT_EQ(utf8_of_unknown("plain"), "plain");
  EXPECT_EQ(utf8_of_unknown("¹ú¶ÈÒÑ¾­½µÁÙ"), "¹ú¶ÈÒÑ¾­½µÁÙ");
}

/// What a reader of ID3 tags gives for bytes that it takes for Latin-1.
std::string taken_for_latin1(const std::string& bytes) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += {static_cast<char>(0xC0U | byte >> 6U), static_cast<char>(0x80U | (byte & 0x3FU))};
    }
  }
  return out;
}

TEST(LegacyText, WhatWasTakenForLatin1IsRepairedOnlyWhereItCannotBe) {
  EXPECT_EQ(repaired_latin1(taken_for_latin1(encoded("国度已经降临", "GBK"))), "国度已经降临");
  EXPECT_EQ(repaired_latin1(taken_for_latin1(encoded("盛晓玫", "GBK"))), "盛晓玫");
  EXPECT_EQ(repaired_latin1(taken_for_latin1(encoded("夜に駆ける", "CP932"))), "夜に駆ける");
  EXPECT_EQ(repaired_latin1(taken_for_latin1(encoded("Песня о друге", "CP1251"))), "Песня о друге");
  for (const char* title : {"Für Elise", "Ça plane pour moi", "Mötley Crüe", "Éé", "ÄÖÜ", "naïveté", "Ñandú", "Ærø Øy",
                            "À bientôt, été à Nîmes", "Żółw", "群青", "¡¿Qué?!", "ÉTÉ À LA MER", "Åååh", "¼ + ½"}) {
    EXPECT_EQ(repaired_latin1(title), title);
  }
}

TEST(LegacyText, AnyBytesBecomeSomething) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_FALSE(utf8_of_unknown(all).empty());
  EXPECT_EQ(utf8_of_unknown("\xFF"), "ÿ");
  EXPECT_FALSE(utf8_of_unknown(std::string(100000, '\xE9')).empty());
}

TEST(LegacyText, DeclaredEncodingsAreConvertedOrRefused) {
  EXPECT_EQ(utf8_of_encoding("F\xFCr", "windows-1252").value_or(""), "Für");
  EXPECT_FALSE(utf8_of_encoding("a", "no such encoding"));
  EXPECT_FALSE(utf8_of_encoding("\x81\x20", "CP932"));
}

TEST(LegacyText, PlainTextHasNoMarksAndLinesEndWithLf) {
  EXPECT_EQ(plain_text("\xEF\xBB\xBF"
                       "a\r\nb"),
            "a\r\nb");
  EXPECT_EQ(plain_text("a\rb"), "a\nb");
  EXPECT_EQ(plain_text(std::string_view("\xFF\xFE"
                                        "a\0\r\0"
                                        "b\0",
                                        8)),
            "a\nb");
  EXPECT_EQ(plain_text(std::string_view("\xFE\xFF"
                                        "\0a",
                                        4)),
            "a");
  EXPECT_EQ(plain_text(std::string_view("\xFF\xFE"
                                        "a",
                                        3)),
            std::nullopt);
}

}  // namespace
}  // namespace pop2piano
