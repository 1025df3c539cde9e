// SPDX-License-Identifier: MIT
// The byte level of training records (docs/reference/records.md): what one record looks like, whatever its tensors
// mean. A record is a head, a directory (text attributes, named tensors) and the tensors' bytes, each part with a
// CRC-32C.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pop2piano {

inline constexpr std::size_t kRecordAlignment = 64;  ///< bytes; records and tensors start at multiples of it
inline constexpr std::uint16_t kRecordFormatVersion = 1;
inline constexpr std::size_t kShardHeadBytes = 64;
inline constexpr std::size_t kRecordHeadBytes = 32;

enum class ElementType : std::uint8_t { u8 = 1, i16 = 2, i32 = 3, i64 = 4, f16 = 5, f32 = 6, f64 = 7 };

/// Bytes of one element; 0 for a value that is no ElementType.
[[nodiscard]] std::size_t element_bytes(ElementType type);
[[nodiscard]] std::string_view element_name(ElementType type);

/// Borrowed: the bytes belong to the reader's mapping or to the caller.
struct TensorView {
  std::string name;
  ElementType type = ElementType::u8;
  std::vector<std::uint64_t> shape;
  std::span<const std::byte> bytes;  // [product of shape] elements, little endian, start aligned to kRecordAlignment
  std::uint32_t checksum = 0;        // CRC-32C of bytes, as stored

  /// The bytes as elements; throws Error(malformed) unless `expected` is the tensor's type.
  template <typename T>
  [[nodiscard]] std::span<const T> as(ElementType expected) const {
    require(expected);
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
  [[nodiscard]] bool intact() const;  ///< computes the checksum

 private:
  void require(ElementType expected) const;
};

struct RecordView {
  std::map<std::string, std::string, std::less<>> attributes;
  std::vector<TensorView> tensors;

  [[nodiscard]] const TensorView* find(std::string_view name) const;
  /// The attribute or an empty text.
  [[nodiscard]] std::string_view attribute(std::string_view key) const;
};

/// The whole record, a multiple of kRecordAlignment long. Throws Error(invalid_argument) where shape and bytes disagree
/// or a name is empty, doubled or too long.
[[nodiscard]] std::vector<std::byte> encode_record(const RecordView& record);

/// How long the record claims to be, if a sound head starts at `bytes`; else 0. Looks at no more than the head.
[[nodiscard]] std::uint64_t record_length(std::span<const std::byte> bytes);

/// Head and directory are checked against their checksums, every size against `bytes`; the tensors' own checksums are
/// not (TensorView::intact()). `bytes` starts with the record and must be aligned to kRecordAlignment for as().
/// Throws Error(malformed), `what` in front.
[[nodiscard]] RecordView decode_record(std::span<const std::byte> bytes, const std::string& what);

}  // namespace pop2piano
