// SPDX-License-Identifier: MIT
// Bounds-checked reading of untrusted bytes and the writer that mirrors it.
#pragma once

#include <pop2piano/error.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace pop2piano {

/// Every read past the end throws Error(malformed) with `what` (usually the file's name), the position and the need.
class ByteReader {
 public:
  ByteReader(std::span<const std::byte> bytes, std::string what) : bytes_(bytes), what_(std::move(what)) {}

  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - position_; }
  [[nodiscard]] bool at_end() const { return remaining() == 0; }
  [[nodiscard]] const std::string& what() const { return what_; }

  std::span<const std::byte> take(std::size_t count) {
    need(count);
    const auto part = bytes_.subspan(position_, count);
    position_ += count;
    return part;
  }
  void skip(std::size_t count) { take(count); }
  std::string_view take_text(std::size_t count) {
    const auto part = take(count);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }
  template <typename T>
  T little() {
    return read<T>(std::endian::native != std::endian::little);
  }
  template <typename T>
  T big() {
    return read<T>(std::endian::native != std::endian::big);
  }

 private:
  void need(std::size_t count) const {
    if (count > remaining()) {
      throw Error(ErrorCode::malformed, what_ + ": ends too early: " + std::to_string(count) + " bytes needed at " +
                                            std::to_string(position_) + ", " + std::to_string(remaining()) + " left");
    }
  }
  template <typename T>
  T read(bool swap) {
    static_assert(std::is_arithmetic_v<T>);
    unsigned char raw[sizeof(T)];
    std::memcpy(raw, take(sizeof(T)).data(), sizeof(T));
    if (swap) {
      for (std::size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(raw[i], raw[sizeof(T) - 1 - i]);
    }
    T value;
    std::memcpy(&value, raw, sizeof(T));
    return value;
  }

  std::span<const std::byte> bytes_;
  std::string what_;
  std::size_t position_ = 0;
};

class ByteWriter {
 public:
  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  void put(std::span<const std::byte> part) { bytes_.insert(bytes_.end(), part.begin(), part.end()); }
  void put_text(std::string_view text) { put(std::as_bytes(std::span(text.data(), text.size()))); }
  template <typename T>
  void little(T value) {
    write(value, std::endian::native != std::endian::little);
  }
  template <typename T>
  void big(T value) {
    write(value, std::endian::native != std::endian::big);
  }

 private:
  template <typename T>
  void write(T value, bool swap) {
    static_assert(std::is_arithmetic_v<T>);
    std::byte raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    if (swap) {
      for (std::size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(raw[i], raw[sizeof(T) - 1 - i]);
    }
    put(raw);
  }

  std::vector<std::byte> bytes_;
};

}  // namespace pop2piano
