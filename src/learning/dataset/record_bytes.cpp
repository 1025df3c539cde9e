// SPDX-License-Identifier: MIT
#include "learning/dataset/record_bytes.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>

#include "base/core/byte_reader.h"
#include "base/core/crc32c.h"

namespace pop2piano {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are mapped as they are stored, little endian");

constexpr std::string_view kRecordMagic = "P2PR";
constexpr std::size_t kMaxRank = 8;
constexpr std::size_t kMaxNameBytes = 255;
constexpr std::uint64_t kMaxRecordBytes = std::uint64_t{1} << 34;

std::uint64_t aligned(std::uint64_t size) {
  return (size + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

// Bytes of a tensor of this shape, or nothing when the product overflows or the type is unknown.
std::optional<std::uint64_t> tensor_bytes(ElementType type, std::span<const std::uint64_t> shape) {
  std::uint64_t total = element_bytes(type);
  if (total == 0) return std::nullopt;
  for (const std::uint64_t size : shape) {
    if (size != 0 && total > std::numeric_limits<std::uint64_t>::max() / size) return std::nullopt;
    total *= size;
  }
  return total;
}

void check_tensor(const TensorView& tensor) {
  const auto expected = tensor_bytes(tensor.type, tensor.shape);
  if (tensor.name.empty() || tensor.name.size() > kMaxNameBytes || tensor.shape.size() > kMaxRank) {
    throw Error(ErrorCode::invalid_argument,
                "tensor \"" + tensor.name + "\": a name of 1 to 255 bytes and a rank of " + "at most 8 are expected");
  }
  if (!expected || *expected != tensor.bytes.size()) {
    throw Error(ErrorCode::invalid_argument, "tensor \"" + tensor.name + "\": shape and type do not agree with its " +
                                                 std::to_string(tensor.bytes.size()) + " bytes");
  }
}

std::size_t directory_bytes(const RecordView& record) {
  std::size_t size = 0;
  for (const auto& [key, value] : record.attributes) size += 6 + key.size() + value.size();
  for (const TensorView& t : record.tensors) size += 2 + t.name.size() + 2 + 8 * t.shape.size() + 8 + 8 + 4;
  return size;
}

void put_directory(ByteWriter& out, const RecordView& record, std::span<const std::uint64_t> offsets) {
  for (const auto& [key, value] : record.attributes) {
    out.little(static_cast<std::uint16_t>(key.size()));
    out.little(static_cast<std::uint32_t>(value.size()));
    out.put_text(key);
    out.put_text(value);
  }
  for (std::size_t i = 0; i < record.tensors.size(); ++i) {
    const TensorView& tensor = record.tensors[i];
    out.little(static_cast<std::uint16_t>(tensor.name.size()));
    out.put_text(tensor.name);
    out.little(static_cast<std::uint8_t>(tensor.type));
    out.little(static_cast<std::uint8_t>(tensor.shape.size()));
    for (const std::uint64_t size : tensor.shape) out.little(size);
    out.little(offsets[i]);
    out.little(static_cast<std::uint64_t>(tensor.bytes.size()));
    out.little(crc32c(tensor.bytes));
  }
}

TensorView read_tensor(ByteReader& in, std::span<const std::byte> record) {
  TensorView tensor;
  tensor.name = in.take_text(in.little<std::uint16_t>());
  tensor.type = static_cast<ElementType>(in.little<std::uint8_t>());
  const std::size_t rank = in.little<std::uint8_t>();
  if (rank > kMaxRank) throw Error(ErrorCode::malformed, in.what() + ": tensor \"" + tensor.name + "\" has rank > 8");
  for (std::size_t i = 0; i < rank; ++i) tensor.shape.push_back(in.little<std::uint64_t>());
  const auto offset = in.little<std::uint64_t>();
  const auto size = in.little<std::uint64_t>();
  tensor.checksum = in.little<std::uint32_t>();
  const bool inside = offset % kRecordAlignment == 0 && offset <= record.size() && size <= record.size() - offset;
  if (!inside || tensor_bytes(tensor.type, tensor.shape) != size) {
    throw Error(ErrorCode::malformed, in.what() + ": tensor \"" + tensor.name + "\": type, shape, place and size do " +
                                          "not agree; make the record again");
  }
  tensor.bytes = record.subspan(offset, size);
  return tensor;
}

}  // namespace

std::size_t element_bytes(ElementType type) {
  constexpr std::array<std::size_t, 8> kBytes = {0, 1, 2, 4, 8, 2, 4, 8};
  const auto index = static_cast<std::size_t>(type);
  return index < kBytes.size() ? kBytes[index] : 0;
}

std::string_view element_name(ElementType type) {
  constexpr std::array<std::string_view, 8> kNames = {"?", "u8", "i16", "i32", "i64", "f16", "f32", "f64"};
  const auto index = static_cast<std::size_t>(type);
  return index < kNames.size() ? kNames[index] : kNames[0];
}

bool TensorView::intact() const { return crc32c(bytes) == checksum; }

void TensorView::require(ElementType expected) const {
  if (type == expected) return;
  throw Error(ErrorCode::malformed, "tensor \"" + name + "\": elements of type " + std::string(element_name(expected)) +
                                        " expected, " + std::string(element_name(type)) + " found");
}

const TensorView* RecordView::find(std::string_view name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const TensorView& t) { return t.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

std::string_view RecordView::attribute(std::string_view key) const {
  const auto found = attributes.find(key);
  return found == attributes.end() ? std::string_view() : found->second;
}

std::vector<std::byte> encode_record(const RecordView& record) {
  for (const TensorView& tensor : record.tensors) {
    check_tensor(tensor);
    if (record.find(tensor.name) != &tensor) {
      throw Error(ErrorCode::invalid_argument, "tensor \"" + tensor.name + "\" is in the record twice");
    }
  }
  for (const auto& [key, value] : record.attributes) {
    if (key.empty() || key.size() > kMaxNameBytes || value.size() > std::numeric_limits<std::uint32_t>::max()) {
      throw Error(ErrorCode::invalid_argument, "attribute \"" + key + "\": a name of 1 to 255 bytes is expected");
    }
  }
  const std::size_t directory = directory_bytes(record);
  std::uint64_t total = aligned(kRecordHeadBytes + directory);
  std::vector<std::uint64_t> offsets;
  for (const TensorView& tensor : record.tensors) {
    offsets.push_back(total);
    total = aligned(total + tensor.bytes.size());
  }
  ByteWriter listing;
  put_directory(listing, record, offsets);

  ByteWriter head;
  head.put_text(kRecordMagic);
  head.little(static_cast<std::uint32_t>(directory));
  head.little(total);
  head.little(static_cast<std::uint32_t>(record.attributes.size()));
  head.little(static_cast<std::uint32_t>(record.tensors.size()));
  head.little(crc32c(listing.bytes()));
  head.little(crc32c(head.bytes()));

  std::vector<std::byte> bytes(total);
  std::copy(head.bytes().begin(), head.bytes().end(), bytes.begin());
  std::copy(listing.bytes().begin(), listing.bytes().end(), bytes.begin() + kRecordHeadBytes);
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const auto part = record.tensors[i].bytes;
    std::copy(part.begin(), part.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offsets[i]));
  }
  return bytes;
}

std::uint64_t record_length(std::span<const std::byte> bytes) {
  if (bytes.size() < kRecordHeadBytes) return 0;
  ByteReader in(bytes.first(kRecordHeadBytes), "record");
  if (in.take_text(4) != kRecordMagic) return 0;
  const auto directory = in.little<std::uint32_t>();
  const auto total = in.little<std::uint64_t>();
  in.skip(12);
  if (in.little<std::uint32_t>() != crc32c(bytes.first(kRecordHeadBytes - 4))) return 0;
  const bool sound = total % kRecordAlignment == 0 && total <= kMaxRecordBytes && total >= kRecordHeadBytes + directory;
  return sound ? total : 0;
}

RecordView decode_record(std::span<const std::byte> bytes, const std::string& what) {
  const std::uint64_t total = record_length(bytes);
  if (total == 0) throw Error(ErrorCode::malformed, what + ": no sound record starts here");
  if (total > bytes.size()) {
    throw Error(ErrorCode::malformed, what + ": the record is cut off: " + std::to_string(total) + " bytes expected, " +
                                          std::to_string(bytes.size()) + " found");
  }
  const auto record = bytes.first(total);
  ByteReader head(record, what);
  head.skip(4);
  const auto directory_size = head.little<std::uint32_t>();
  head.skip(8);
  const auto attribute_count = head.little<std::uint32_t>();
  const auto tensor_count = head.little<std::uint32_t>();
  const auto directory = record.subspan(kRecordHeadBytes, directory_size);
  if (head.little<std::uint32_t>() != crc32c(directory)) {
    throw Error(ErrorCode::malformed, what + ": the record's directory is damaged (checksum); make the record again");
  }
  ByteReader in(directory, what);
  RecordView view;
  for (std::uint32_t i = 0; i < attribute_count; ++i) {
    const auto key_size = in.little<std::uint16_t>();
    const auto value_size = in.little<std::uint32_t>();
    const auto key = in.take_text(key_size);
    view.attributes.emplace(key, in.take_text(value_size));
  }
  for (std::uint32_t i = 0; i < tensor_count; ++i) view.tensors.push_back(read_tensor(in, record));
  return view;
}

}  // namespace pop2piano
