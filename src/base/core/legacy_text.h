// SPDX-License-Identifier: MIT
// Text without a declared encoding -> UTF-8. Valid UTF-8 is never touched. Older files hold Latin-1 and Windows-1252,
// GBK, Big5, Shift-JIS, EUC-JP, EUC-KR, Windows-1251 or KOI8-R without saying so.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pop2piano {

/// Valid UTF-8 as it is, other bytes by the encoding in which they read best.
[[nodiscard]] std::string utf8_of_unknown(std::string_view bytes);

/// UTF-8 that a reader made of bytes that it took for Latin-1 (ID3 tags): what they are where they clearly cannot be
/// Latin-1, else as it is.
[[nodiscard]] std::string repaired_latin1(std::string_view utf8);

/// From the encoding of that name (of iconv); absent: not known, or `bytes` are not of it.
[[nodiscard]] std::optional<std::string> utf8_of_encoding(std::string_view bytes, const std::string& encoding);

/// Text with or without a mark of UTF-8 or UTF-16, as UTF-8 without it; where lines end with CR alone, LF stands for
/// it. Absent: damaged UTF-16.
[[nodiscard]] std::optional<std::string> plain_text(std::string_view bytes);

/// XML in an encoding that parsers of Unicode do not know: from the one that its first line declares, or where it is
/// none, the likeliest. Absent: it is Unicode (UTF-8, or UTF-16 or UTF-32 by their marks).
[[nodiscard]] std::optional<std::string> utf8_of_xml(std::string_view bytes);

}  // namespace pop2piano
