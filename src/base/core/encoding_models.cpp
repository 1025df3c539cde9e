// SPDX-License-Identifier: MIT
#include "base/core/encoding_models.h"

#include <array>
#include <cmath>
#include <span>

namespace pop2piano {
namespace {

/// Lead and trail bytes of a part of an encoding, its share of ordinary titles and how many characters it has.
struct Rows {
  std::uint8_t lead_from, lead_to, trail_from, trail_to;
  double share, characters;
};

// The first row that fits counts, so that the wide ones stand last.
constexpr Rows kGbk[] = {{0xB0, 0xD7, 0xA1, 0xFE, 0.95, 3755},
                         {0xD8, 0xF7, 0xA1, 0xFE, 0.02, 3008},
                         {0xA1, 0xA3, 0xA1, 0xFE, 0.03, 200},
                         {0x81, 0xFE, 0x40, 0xFE, 0.002, 20000}};
constexpr Rows kBig5[] = {{0xA4, 0xC6, 0x40, 0x7E, 0.37, 2205},   {0xA4, 0xC6, 0xA1, 0xFE, 0.55, 3196},
                          {0xC9, 0xF9, 0x40, 0x7E, 0.012, 3087},  {0xC9, 0xF9, 0xA1, 0xFE, 0.018, 4565},
                          {0xA1, 0xA3, 0x40, 0xFE, 0.03, 400},    {0x81, 0xFE, 0x40, 0x7E, 0.0002, 8000},
                          {0x81, 0xFE, 0xA1, 0xFE, 0.0003, 12000}};
constexpr Rows kShiftJis[] = {{0x82, 0x82, 0x9F, 0xF1, 0.45, 83},     {0x83, 0x83, 0x40, 0x96, 0.2, 86},
                              {0x81, 0x81, 0x40, 0xFC, 0.04, 100},    {0x88, 0x97, 0x40, 0xFC, 0.28, 2965},
                              {0x98, 0x9F, 0x40, 0xFC, 0.005, 1700},  {0xE0, 0xEA, 0x40, 0xFC, 0.005, 1700},
                              {0x81, 0x9F, 0x40, 0xFC, 0.0005, 5000}, {0xE0, 0xFC, 0x40, 0xFC, 0.0005, 5000}};
constexpr Rows kEucJp[] = {{0xA4, 0xA4, 0xA1, 0xF3, 0.45, 83},   {0xA5, 0xA5, 0xA1, 0xF6, 0.2, 86},
                           {0xA1, 0xA1, 0xA1, 0xFE, 0.04, 94},   {0xB0, 0xCF, 0xA1, 0xFE, 0.28, 2965},
                           {0xD0, 0xF4, 0xA1, 0xFE, 0.01, 3390}, {0xA1, 0xFE, 0xA1, 0xFE, 0.0005, 3000}};
constexpr Rows kEucKr[] = {{0xB0, 0xC8, 0xA1, 0xFE, 0.95, 2350},
                           {0xCA, 0xFD, 0xA1, 0xFE, 0.005, 4888},
                           {0xA1, 0xA3, 0xA1, 0xFE, 0.02, 282},
                           {0x81, 0xFE, 0x41, 0xFE, 0.01, 8822}};
constexpr double kHalfWidthKatakana = 0.01 / 63;  // single bytes of Shift-JIS

std::uint8_t byte_at(std::string_view bytes, std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); }

std::optional<double> pair_likelihood(std::span<const Rows> rows, std::uint8_t lead, std::uint8_t trail) {
  for (const Rows& row : rows) {
    if (lead >= row.lead_from && lead <= row.lead_to && trail >= row.trail_from && trail <= row.trail_to &&
        trail != 0x7F) {
      return std::log(row.share / row.characters);
    }
  }
  return std::nullopt;
}

std::optional<double> two_byte_likelihood(std::span<const Rows> rows, std::string_view bytes, bool half_width) {
  double sum = 0.0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t lead = byte_at(bytes, i);
    if (lead < 0x80) continue;
    if (half_width && lead >= 0xA1 && lead <= 0xDF) {
      sum += std::log(kHalfWidthKatakana);
      continue;
    }
    if (i + 1 == bytes.size()) return std::nullopt;
    const auto pair = pair_likelihood(rows, lead, byte_at(bytes, ++i));
    if (!pair) return std::nullopt;
    sum += *pair;
  }
  return sum;
}

bool is_ascii_letter(std::uint8_t byte) { return (byte | 0x20U) >= 'a' && (byte | 0x20U) <= 'z'; }

// Per mille of Russian text, in the order of the alphabet from a to ya.
constexpr std::array<double, 32> kLetterShare = {80, 16, 45, 17, 30, 85, 9, 16, 74, 12, 35, 43, 32, 67, 110, 28,
                                                 47, 55, 63, 26, 3,  10, 5, 14, 7,  4,  1,  19, 17, 3,  6,   20};
// KOI8-R has the letters in the order of their Latin counterparts.
constexpr std::array<std::uint8_t, 32> kKoi8Order = {30, 0,  1,  22, 4,  5,  20, 3, 21, 8,  9, 10, 11, 12, 13, 14,
                                                     15, 31, 16, 17, 18, 19, 6,  2, 28, 27, 7, 24, 29, 25, 23, 26};

struct CyrillicLetter {
  std::uint8_t index;  // in the alphabet
  bool capital;
};

std::optional<CyrillicLetter> cyrillic_letter(Encoding encoding, std::uint8_t byte) {
  if (byte < 0xC0) return std::nullopt;
  const bool upper_half = byte >= 0xE0;
  const auto position = static_cast<std::uint8_t>(byte & 0x1FU);
  if (encoding == Encoding::windows1251) return CyrillicLetter{position, !upper_half};
  return CyrillicLetter{kKoi8Order[position], upper_half};
}

double cyrillic_likelihood(Encoding encoding, std::string_view bytes) {
  constexpr double kMixed = -5.0;  // a Latin and a Cyrillic letter side by side
  double sum = 0.0;
  enum class Before : std::uint8_t { nothing, latin, small, capital } before = Before::nothing;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t byte = byte_at(bytes, i);
    const bool cyrillic_before = before == Before::small || before == Before::capital;
    const auto letter = cyrillic_letter(encoding, byte);
    if (byte < 0x80) {
      if (is_ascii_letter(byte) && cyrillic_before) sum += kMixed;
      before = is_ascii_letter(byte) ? Before::latin : Before::nothing;
    } else if (letter) {
      sum += std::log(kLetterShare[letter->index] / 1000.0) + (before == Before::latin ? kMixed : 0.0);
      if (letter->capital) sum += std::log(before == Before::small ? 0.02 : 0.5);
      before = letter->capital ? Before::capital : Before::small;
    } else {
      sum += std::log(byte == 0xAB || byte == 0xBB || byte == 0x97 || byte == 0x96 || byte == 0xB8 ? 0.01 : 0.0002);
      before = Before::nothing;
    }
  }
  return sum;
}

// Usual letters of Western languages, and quotation marks and dashes of Windows-1252.
constexpr std::string_view kUsualWestern =
    "\xE9\xE8\xE0\xE4\xF6\xFC\xDF\xF1\xE7\xF3\xED\xE1\xEA\xE2\xF4\xEE\xFA\xE3\xE5\xF8\xE6\xEB\xEF\xC9\xD6\xDC\xC4\xC5"
    "\xD8\xC6\xC0\xC7\xC1\xD3\xCD\xD1\x91\x92\x93\x94\x96\x97\x85";

double western_likelihood(std::string_view bytes) {
  double sum = 0.0;
  std::size_t high = 0, visible = 0;
  std::uint8_t before = ' ';
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    visible += byte > ' ' ? 1 : 0;
    if (byte >= 0x80) {
      ++high;
      double share = kUsualWestern.find(c) != std::string_view::npos ? 0.02 : 0.0007;
      if (byte < 0xA0 && share < 0.01) share *= 0.05;  // rare signs and control characters
      if (before >= 0x80) share *= 0.05;
      if (byte >= 0xC0 && byte <= 0xDE && before >= 'a' && before <= 'z') share *= 0.02;  // a capital within a word
      sum += std::log(share);
    }
    before = byte;
  }
  return 2 * high > visible ? sum - static_cast<double>(high) : sum;
}

}  // namespace

const char* iconv_name(Encoding encoding) {
  constexpr std::array<const char*, kEncodings> kNames = {"CP1252", "GB18030", "BIG5-HKSCS", "CP932",
                                                          "EUC-JP", "CP949",   "CP1251",     "KOI8-R"};
  return kNames[static_cast<std::size_t>(encoding)];
}

std::optional<double> log_likelihood(Encoding encoding, std::string_view bytes) {
  switch (encoding) {
    case Encoding::windows1252:
      return western_likelihood(bytes);
    case Encoding::gbk:
      return two_byte_likelihood(kGbk, bytes, false);
    case Encoding::big5:
      return two_byte_likelihood(kBig5, bytes, false);
    case Encoding::shift_jis:
      return two_byte_likelihood(kShiftJis, bytes, true);
    case Encoding::euc_jp:
      return two_byte_likelihood(kEucJp, bytes, false);
    case Encoding::euc_kr:
      return two_byte_likelihood(kEucKr, bytes, false);
    case Encoding::windows1251:
    case Encoding::koi8_r:
      return cyrillic_likelihood(encoding, bytes);
  }
  return std::nullopt;
}

}  // namespace pop2piano
