// SPDX-License-Identifier: MIT
// Values to bytes and back with one description for both directions: for a type T of one's own
//   template <typename Archive> void fields(Archive& archive, Described<Archive, T>& value) { archive(value.a,
//   value.b); }
// in T's namespace names its members in order. Numbers are little endian, texts and lists begin with their length in
// 64 bits, options with one byte. Reading trusts nothing: every length is held against the bytes that are left.
#pragma once

#include <pop2piano/error.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/core/byte_reader.h"

namespace pop2piano {

static_assert(std::endian::native == std::endian::little, "lists of numbers are copied as they lie in memory");

/// T as an archive takes it: writers see it const.
template <typename Archive, typename T>
using Described = std::conditional_t<Archive::kReads, T, const T>;

template <typename T>
concept PlainNumber = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

class ValueWriter {
 public:
  static constexpr bool kReads = false;

  template <typename... Values>
  void operator()(const Values&... values) {
    (put(values), ...);
  }
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return out_.bytes(); }

 private:
  void put(PlainNumber auto value) { out_.little(value); }
  void put(bool value) { out_.little(static_cast<std::uint8_t>(value ? 1 : 0)); }
  void put(const std::string& text) {
    out_.little(std::uint64_t{text.size()});
    out_.put_text(text);
  }
  template <typename T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <typename T>
  void put(const std::vector<T>& list) {
    out_.little(std::uint64_t{list.size()});
    if constexpr (PlainNumber<T>) {
      out_.put(std::as_bytes(std::span(list)));
    } else {
      for (const T& value : list) put(value);
    }
  }
  template <typename First, typename Second>
  void put(const std::pair<First, Second>& both) {
    put(both.first);
    put(both.second);
  }
  template <typename T>
  requires std::is_enum_v<T>
  void put(T value) { out_.little(static_cast<std::uint8_t>(value)); }
  template <typename T>
  requires(std::is_class_v<T>) void put(const T& value) { fields(*this, value); }

  ByteWriter out_;
};

/// Throws Error(malformed), `what` (usually the file's name) in front, for lengths that the bytes do not hold and for
/// truth values other than 0 and 1. What else may not be is for the caller to say.
class ValueReader {
 public:
  static constexpr bool kReads = true;

  ValueReader(std::span<const std::byte> bytes, const std::string& what) : in_(bytes, what) {}

  template <typename... Values>
  void operator()(Values&... values) {
    (get(values), ...);
  }
  /// To be called at the end: bytes that nothing asked for are an error.
  void expect_end() const {
    if (!in_.at_end()) fail(std::to_string(in_.remaining()) + " bytes too many");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw Error(ErrorCode::malformed, in_.what() + ": " + what); }

  // Entries of a list whose elements take at least `least` bytes each.
  std::size_t length(std::size_t least) {
    const auto count = in_.little<std::uint64_t>();
    if (count > in_.remaining() / least) {
      fail("a list of " + std::to_string(count) + " entries where " + std::to_string(in_.remaining()) +
           " bytes are left");
    }
    return static_cast<std::size_t>(count);
  }

  template <PlainNumber T>
  void get(T& value) {
    value = in_.little<T>();
  }
  void get(bool& value) {
    const auto byte = in_.little<std::uint8_t>();
    if (byte > 1) fail("a truth value of " + std::to_string(byte));
    value = byte == 1;
  }
  void get(std::string& text) {
    const std::size_t count = length(1);
    text = in_.take_text(count);
  }
  template <typename T>
  void get(std::optional<T>& value) {
    bool there = false;
    get(there);
    value.reset();
    if (there) get(value.emplace());
  }
  template <typename T>
  void get(std::vector<T>& list) {
    list.clear();
    if constexpr (PlainNumber<T>) {
      list.resize(length(sizeof(T)));
      const auto part = in_.take(list.size() * sizeof(T));
      if (!part.empty()) std::memcpy(list.data(), part.data(), part.size());
    } else {
      for (std::size_t left = length(1); left > 0; --left) get(list.emplace_back());
    }
  }
  template <typename First, typename Second>
  void get(std::pair<First, Second>& both) {
    get(both.first);
    get(both.second);
  }
  // Any byte is taken: the caller must check it before it is used.
  template <typename T>
  requires std::is_enum_v<T>
  void get(T& value) { value = static_cast<T>(in_.little<std::uint8_t>()); }
  template <typename T>
  requires(std::is_class_v<T>) void get(T& value) { fields(*this, value); }

  ByteReader in_;
};

}  // namespace pop2piano
