// SPDX-License-Identifier: MIT
#include "base/core/legacy_text.h"

#include <algorithm>
#include <array>
#include <memory>

#include <iconv.h>
#include <uchardet/uchardet.h>
#include <utf8cpp/utf8.h>

#include "base/core/encoding_models.h"
#include "base/core/utf8.h"

namespace pop2piano {
namespace {

constexpr std::ptrdiff_t kFewestHigh = 3;     // bytes above 0x7F that tell another encoding than Windows-1252
constexpr std::ptrdiff_t kFewestLetters = 3;  // bytes from 0xC0 on, which are letters of Cyrillic, that tell it
constexpr std::size_t kMostLookedAt = 2000;   // bytes; so much text is certain
constexpr double kNamedByDetector = 3.0;      // of uchardet, whose tables know more of long texts
constexpr std::size_t kFewestToRepair = 4;    // bytes above 0x7F that tell that text was not Latin-1
constexpr double kCertain = 6.0;              // by so much another encoding is likelier where Latin-1 was read
// Logarithms of how often a file is in it, before its text is looked at.
constexpr std::array<double, kEncodings> kPrior = {1.0, 0.5, -0.5, 0.5, -2.0, -1.0, 0.0, -2.0};

struct KnownName {
  std::string_view detected;  // by uchardet
  Encoding encoding;
};
constexpr std::array<KnownName, 10> kNames{{{"GB18030", Encoding::gbk},
                                            {"BIG5", Encoding::big5},
                                            {"SHIFT_JIS", Encoding::shift_jis},
                                            {"EUC-JP", Encoding::euc_jp},
                                            {"UHC", Encoding::euc_kr},
                                            {"EUC-KR", Encoding::euc_kr},
                                            {"WINDOWS-1251", Encoding::windows1251},
                                            {"KOI8-R", Encoding::koi8_r},
                                            {"WINDOWS-1252", Encoding::windows1252},
                                            {"ISO-8859-1", Encoding::windows1252}}};

struct ReleaseDetector {
  void operator()(struct uchardet* detector) const { uchardet_delete(detector); }
};

std::optional<Encoding> named_by_detector(std::string_view bytes) {
  const std::unique_ptr<struct uchardet, ReleaseDetector> detector(uchardet_new());
  if (!detector || uchardet_handle_data(detector.get(), bytes.data(), bytes.size()) != 0) return std::nullopt;
  uchardet_data_end(detector.get());
  const std::string_view name = uchardet_get_charset(detector.get());
  const auto known = std::find_if(kNames.begin(), kNames.end(), [&](const KnownName& k) { return k.detected == name; });
  return known == kNames.end() ? std::nullopt : std::optional(known->encoding);
}

struct Reading {
  Encoding encoding = Encoding::windows1252;
  double ahead = 0.0;  // of Windows-1252, logarithm
};

// A long text is cut between two ASCII characters, so that no character is cut.
std::string_view beginning(std::string_view bytes) {
  if (bytes.size() <= kMostLookedAt) return bytes;
  std::size_t end = kMostLookedAt;
  while (end < bytes.size() && end < 2 * kMostLookedAt &&
         ((static_cast<unsigned char>(bytes[end]) | static_cast<unsigned char>(bytes[end - 1])) & 0x80U) != 0)
    ++end;
  return bytes.substr(0, end);
}

Reading best_reading(std::string_view bytes) {
  const auto first_high =
      std::find_if(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  const auto skipped = static_cast<std::size_t>(first_high - bytes.begin());
  bytes = beginning(bytes.substr(skipped - std::min<std::size_t>(skipped, 1)));
  const auto high =
      std::count_if(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  const auto letters =
      std::count_if(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xC0; });
  if (high < kFewestHigh) return {};
  const auto named = named_by_detector(bytes);
  std::array<double, kEncodings> score{};
  for (int i = 0; i < kEncodings; ++i) {
    const auto encoding = static_cast<Encoding>(i);
    const bool cyrillic = encoding == Encoding::windows1251 || encoding == Encoding::koi8_r;
    const auto likelihood = cyrillic && letters < kFewestLetters ? std::nullopt : log_likelihood(encoding, bytes);
    const auto at = static_cast<std::size_t>(i);
    score[at] = !likelihood ? -1e9 : *likelihood + kPrior[at] + (named == encoding ? kNamedByDetector : 0.0);
  }
  const auto best = std::max_element(score.begin(), score.end());
  return {static_cast<Encoding>(best - score.begin()), *best - score[0]};
}

// The five bytes that Windows-1252 leaves open are as in Latin-1.
std::string utf8_of_windows1252(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    const std::string_view one(&c, 1);
    const bool differs = (static_cast<unsigned char>(c) & 0xE0U) == 0x80U;
    const auto converted = differs ? utf8_of_encoding(one, iconv_name(Encoding::windows1252)) : std::nullopt;
    out += converted ? *converted : utf8_of_latin1(one);
  }
  return out;
}

std::string utf8_of(Encoding encoding, std::string_view bytes) {
  if (encoding == Encoding::windows1252) return utf8_of_windows1252(bytes);
  const auto converted = utf8_of_encoding(bytes, iconv_name(encoding));
  return converted ? *converted : utf8_of_windows1252(bytes);
}

// Absent: a character is none of Latin-1.
std::optional<std::string> latin1_of_utf8(std::string_view text) {
  std::string bytes;
  for (auto at = text.begin(); at != text.end();) {
    const char32_t character = utf8::next(at, text.end());
    if (character > 0xFF) return std::nullopt;
    bytes += static_cast<char>(static_cast<unsigned char>(character));
  }
  return bytes;
}

/// The encoding that the first line declares; empty: none.
std::string declared_encoding(std::string_view text) {
  constexpr std::string_view kKey = "encoding=";
  text = text.substr(0, std::min(text.find("?>"), std::size_t{200}));
  const std::size_t key = text.find(kKey);
  if (!text.starts_with("<?xml") || key == std::string_view::npos) return {};
  text.remove_prefix(key + kKey.size());
  const std::size_t end = text.empty() ? std::string_view::npos : text.find(text.front(), 1);
  return end == std::string_view::npos ? std::string() : std::string(text.substr(1, end - 1));
}

}  // namespace

std::optional<std::string> utf8_of_encoding(std::string_view bytes, const std::string& encoding) {
  const ::iconv_t converter = ::iconv_open("UTF-8", encoding.c_str());
  // NOLINTNEXTLINE(performance-no-int-to-ptr): what iconv_open() returns for an unknown name
  if (converter == reinterpret_cast<::iconv_t>(-1)) return std::nullopt;
  std::string in(bytes), out(4 * bytes.size() + 16, '\0');
  char* from = in.data();
  char* to = out.data();
  std::size_t from_left = in.size(), to_left = out.size();
  const std::size_t result = ::iconv(converter, &from, &from_left, &to, &to_left);
  ::iconv_close(converter);
  if (result == static_cast<std::size_t>(-1) || from_left > 0) return std::nullopt;
  out.resize(out.size() - to_left);
  return out;
}

std::string utf8_of_unknown(std::string_view bytes) {
  if (valid_utf8_bytes(bytes) == bytes.size()) return std::string(bytes);
  return utf8_of(best_reading(bytes).encoding, bytes);
}

std::string repaired_latin1(std::string_view utf8) {
  if (valid_utf8_bytes(utf8) != utf8.size()) return std::string(utf8);
  const auto bytes = latin1_of_utf8(utf8);
  if (!bytes || utf8.size() - bytes->size() < kFewestToRepair) return std::string(utf8);
  const Reading reading = best_reading(*bytes);
  return reading.ahead < kCertain ? std::string(utf8) : utf8_of(reading.encoding, *bytes);
}

std::optional<std::string> plain_text(std::string_view bytes) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  std::optional<std::string> text = std::string(bytes.substr(bytes.starts_with(kMark) ? kMark.size() : 0));
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) text = utf8_of_encoding(bytes, "UTF-16");
  if (text && text->find('\n') == std::string::npos) std::ranges::replace(*text, '\r', '\n');
  return text;
}

std::optional<std::string> utf8_of_xml(std::string_view bytes) {
  const bool wide = bytes.substr(0, 4).find('\0') != std::string_view::npos || bytes.starts_with("\xFF\xFE") ||
                    bytes.starts_with("\xFE\xFF");
  if (wide || valid_utf8_bytes(bytes) == bytes.size()) return std::nullopt;
  const auto declared = utf8_of_encoding(bytes, declared_encoding(bytes));
  return declared ? declared : utf8_of_unknown(bytes);
}

}  // namespace pop2piano
