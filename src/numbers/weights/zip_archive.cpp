// SPDX-License-Identifier: MIT
#include "numbers/weights/zip_archive.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/core/byte_reader.h"

namespace pop2piano {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034B50;
constexpr std::uint32_t kDirectoryEntry = 0x02014B50;
constexpr std::uint32_t kDirectoryEnd = 0x06054B50;
constexpr std::uint32_t kDirectoryEnd64 = 0x06064B50;
constexpr std::uint32_t kLocator64 = 0x07064B50;
constexpr std::size_t kEndSize = 22, kLocatorSize = 20;  // bytes
constexpr std::uint64_t kMostEntries = 1'000'000;
constexpr std::uint32_t kInExtra = 0xFFFFFFFF;  // the 64-bit value stands in the extra field

[[noreturn]] void fail(const std::string& file, const std::string& what) {
  throw Error(ErrorCode::malformed, file + ": " + what + "; get the file again");
}

struct Directory {
  std::uint64_t entries = 0, size = 0, offset = 0;
};

std::size_t find_end(std::span<const std::byte> bytes, const std::string& file) {
  const std::size_t furthest = std::min(bytes.size(), kEndSize + 0xFFFF);  // a comment may follow
  for (std::size_t back = kEndSize; back <= furthest; ++back) {
    ByteReader reader(bytes.subspan(bytes.size() - back), file);
    if (reader.little<std::uint32_t>() == kDirectoryEnd) return bytes.size() - back;
  }
  fail(file, "no zip directory at its end, expected a file saved by PyTorch 1.6 or later");
}

Directory read_end64(std::span<const std::byte> bytes, std::size_t end, const std::string& file) {
  if (end < kLocatorSize) fail(file, "the zip directory's 64-bit record is missing");
  ByteReader locator(bytes.subspan(end - kLocatorSize), file);
  if (locator.little<std::uint32_t>() != kLocator64) fail(file, "the zip directory's 64-bit record is missing");
  locator.skip(4);
  const auto place = locator.little<std::uint64_t>();
  if (place > bytes.size()) fail(file, "the zip directory's 64-bit record lies outside the file");
  ByteReader reader(bytes.subspan(static_cast<std::size_t>(place)), file);
  if (reader.little<std::uint32_t>() != kDirectoryEnd64) fail(file, "the zip directory's 64-bit record is damaged");
  reader.skip(8 + 2 + 2 + 4 + 4 + 8);
  Directory directory;
  directory.entries = reader.little<std::uint64_t>();
  directory.size = reader.little<std::uint64_t>();
  directory.offset = reader.little<std::uint64_t>();
  return directory;
}

Directory read_end(std::span<const std::byte> bytes, const std::string& file) {
  const std::size_t end = find_end(bytes, file);
  ByteReader reader(bytes.subspan(end + 10), file);
  Directory directory;
  directory.entries = reader.little<std::uint16_t>();
  directory.size = reader.little<std::uint32_t>();
  directory.offset = reader.little<std::uint32_t>();
  if (directory.entries == 0xFFFF || directory.size == kInExtra || directory.offset == kInExtra) {
    directory = read_end64(bytes, end, file);
  }
  if (directory.entries > kMostEntries || directory.offset > bytes.size() ||
      directory.size > bytes.size() - directory.offset) {
    fail(file, "the zip directory lies outside the file");
  }
  return directory;
}

/// Replaces values that did not fit by those of the 64-bit extra field, in the order that the format gives.
void read_extra(ByteReader extra, std::initializer_list<std::uint64_t*> values) {
  while (extra.remaining() >= 4) {
    const auto id = extra.little<std::uint16_t>();
    const auto size = extra.little<std::uint16_t>();
    ByteReader field(extra.take(size), extra.what());
    if (id != 1) continue;
    for (std::uint64_t* value : values) {
      if (*value == kInExtra) *value = field.little<std::uint64_t>();
    }
  }
}

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr CrcTables make_crc_tables() {
  CrcTables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
    tables[0][i] = value;
  }
  for (std::size_t t = 1; t < 8; ++t) {
    for (std::size_t i = 0; i < 256; ++i) {
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xFFU];
    }
  }
  return tables;
}

}  // namespace

std::uint32_t crc32(std::span<const std::byte> bytes) {
  static constexpr CrcTables kTables = make_crc_tables();
  std::uint32_t crc = ~std::uint32_t{0};
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {  // eight bytes at once ("slicing by 8")
    std::uint32_t next = 0;
    for (std::size_t b = 0; b < 8; ++b) {
      const std::uint32_t mixed = b < 4 ? (crc >> (8 * b)) & 0xFFU : 0U;
      next ^= kTables[7 - b][(static_cast<std::uint32_t>(bytes[i + b]) ^ mixed) & 0xFFU];
    }
    crc = next;
  }
  for (; i < bytes.size(); ++i) {
    crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<std::uint32_t>(bytes[i])) & 0xFFU];
  }
  return ~crc;
}

ZipArchive::ZipArchive(std::span<const std::byte> bytes, std::string file) : file_(std::move(file)) {
  const Directory directory = read_end(bytes, file_);
  ByteReader reader(bytes.subspan(static_cast<std::size_t>(directory.offset), static_cast<std::size_t>(directory.size)),
                    file_ + " (zip directory)");
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (reader.little<std::uint32_t>() != kDirectoryEntry) fail(file_, "the zip directory is damaged");
    reader.skip(4);
    const auto flags = reader.little<std::uint16_t>();
    const auto method = reader.little<std::uint16_t>();
    reader.skip(4);
    const auto checksum = reader.little<std::uint32_t>();
    std::uint64_t packed = reader.little<std::uint32_t>();
    std::uint64_t size = reader.little<std::uint32_t>();
    const auto name_size = reader.little<std::uint16_t>();
    const auto extra_size = reader.little<std::uint16_t>();
    const auto comment_size = reader.little<std::uint16_t>();
    reader.skip(2 + 2 + 4);
    std::uint64_t offset = reader.little<std::uint32_t>();
    std::string name(reader.take_text(name_size));
    read_extra(ByteReader(reader.take(extra_size), file_), {&size, &packed, &offset});
    reader.skip(comment_size);
    if (method != 0 || packed != size || (flags & 1U) != 0) {
      throw Error(ErrorCode::unsupported, file_ + ": zip entry " + name +
                                              " is compressed or encrypted, expected stored entries as PyTorch writes");
    }
    add_entry(bytes, std::move(name), offset, size, checksum);
  }
}

void ZipArchive::add_entry(std::span<const std::byte> all, std::string name, std::uint64_t local_offset,
                           std::uint64_t size, std::uint32_t checksum) {
  if (local_offset > all.size()) fail(file_, "zip entry " + name + " lies outside the file");
  ByteReader local(all.subspan(static_cast<std::size_t>(local_offset)), file_ + " (zip entry " + name + ")");
  if (local.little<std::uint32_t>() != kLocalHeader) fail(file_, "zip entry " + name + " is damaged");
  local.skip(22);
  const auto name_size = local.little<std::uint16_t>();
  const auto extra_size = local.little<std::uint16_t>();
  local.skip(std::size_t{name_size} + extra_size);
  if (size > local.remaining()) {
    fail(file_, "zip entry " + name + " has " + std::to_string(local.remaining()) + " bytes, expected " +
                    std::to_string(size));
  }
  const Entry entry{local.take(static_cast<std::size_t>(size)), checksum};
  if (!entries_.emplace(name, entry).second) fail(file_, "zip entry " + name + " stands there twice");
}

std::span<const std::byte> ZipArchive::read(std::string_view name) const {
  const auto place = entries_.find(name);
  if (place == entries_.end()) fail(file_, "zip entry " + std::string(name) + " is missing");
  if (crc32(place->second.bytes) != place->second.checksum) {
    fail(file_, "zip entry " + std::string(name) + " does not match its checksum");
  }
  return place->second.bytes;
}

}  // namespace pop2piano
