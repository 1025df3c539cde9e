// SPDX-License-Identifier: MIT
// How likely bytes are as text of an encoding: logarithms, comparable between encodings. Two-byte encodings by the
// shares of their rows in titles (the first level of each standard holds the usual characters); Cyrillic by the
// frequency of letters and their case; Western by which letters are usual and that they stand among ASCII letters.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pop2piano {

enum class Encoding : std::uint8_t { windows1252, gbk, big5, shift_jis, euc_jp, euc_kr, windows1251, koi8_r };
inline constexpr int kEncodings = 8;

/// As iconv calls it.
[[nodiscard]] const char* iconv_name(Encoding encoding);

/// Absent: the bytes are not of that encoding.
[[nodiscard]] std::optional<double> log_likelihood(Encoding encoding, std::string_view bytes);

}  // namespace pop2piano
