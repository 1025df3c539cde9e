// SPDX-License-Identifier: MIT
#include "sound/audio/trailing_tags.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

namespace pop2piano {
namespace {

constexpr std::int64_t kId3v1Bytes = 128;
constexpr std::int64_t kApeFooterBytes = 32;
constexpr std::int64_t kMostLyrics3v1Bytes = 5120;
constexpr int kMostTags = 8;

/// `count` bytes that end at `end`; fewer, and that is no tag, where the file begins later.
std::vector<char> bytes_before(const MediaFile& file, std::int64_t end, std::int64_t count) {
  if (end < count) return {};
  std::vector<char> bytes(static_cast<std::size_t>(count));
  bytes.resize(file.read_at(end - count, std::as_writable_bytes(std::span(bytes))));
  return bytes;
}

std::string_view text_of(const std::vector<char>& bytes) { return {bytes.data(), bytes.size()}; }

std::int64_t before_zeros(const MediaFile& file, std::int64_t end) {
  constexpr std::int64_t kBlock = 4096;
  while (end > 0) {
    const auto bytes = bytes_before(file, end, std::min(kBlock, end));
    const auto last = std::find_if(bytes.rbegin(), bytes.rend(), [](char c) { return c != '\0'; });
    end -= last - bytes.rbegin();
    if (last != bytes.rend() || bytes.empty()) return end;
  }
  return end;
}

std::optional<std::int64_t> before_id3v1(const MediaFile& file, std::int64_t end) {
  const auto bytes = bytes_before(file, end, kId3v1Bytes);
  if (!text_of(bytes).starts_with("TAG")) return std::nullopt;
  return end - kId3v1Bytes;
}

// Its footer tells its size without a header of 32 bytes, and whether there is one.
std::optional<std::int64_t> before_ape(const MediaFile& file, std::int64_t end) {
  const auto bytes = bytes_before(file, end, kApeFooterBytes);
  if (!text_of(bytes).starts_with("APETAGEX")) return std::nullopt;
  const auto little = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
    return value;
  };
  const bool has_header = (little(20) >> 31U) != 0;
  const std::int64_t begin = end - std::int64_t{little(12)} - (has_header ? kApeFooterBytes : 0);
  if (begin < 0 || begin >= end) return std::nullopt;
  return begin;
}

std::optional<std::int64_t> before_lyrics3(const MediaFile& file, std::int64_t end) {
  constexpr std::int64_t kSizeAndEnd = 15;  // "000123LYRICS200"
  const auto bytes = bytes_before(file, end, kSizeAndEnd);
  const std::string_view text = text_of(bytes);
  if (text.ends_with("LYRICS200")) {
    std::int64_t size = 0;
    const auto [last, error] = std::from_chars(text.data(), text.data() + 6, size);
    if (error != std::errc{} || last != text.data() + 6 || size + kSizeAndEnd > end) return std::nullopt;
    return end - size - kSizeAndEnd;
  }
  if (!text.ends_with("LYRICSEND")) return std::nullopt;
  const auto all = bytes_before(file, end, std::min(end, kMostLyrics3v1Bytes));
  const std::size_t begin = text_of(all).rfind("LYRICSBEGIN");
  if (begin == std::string_view::npos) return std::nullopt;
  return end - static_cast<std::int64_t>(all.size() - begin);
}

}  // namespace

std::int64_t end_of_sound(const MediaFile& file) {
  std::int64_t end = file.size();
  for (int i = 0; i < kMostTags; ++i) {
    const std::int64_t before = end;
    for (const auto& strip : {before_id3v1, before_ape, before_lyrics3}) end = strip(file, end).value_or(end);
    if (end == before) end = before_zeros(file, end);
    if (end == before) break;
  }
  return end;
}

}  // namespace pop2piano
