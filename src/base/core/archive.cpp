// SPDX-License-Identifier: MIT
#include "base/core/archive.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include <zlib.h>

#include "base/core/byte_reader.h"

namespace pop2piano {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034B50;
constexpr std::uint32_t kDirectoryEntry = 0x02014B50;
constexpr std::uint32_t kDirectoryEnd = 0x06054B50;
constexpr std::uint32_t kDirectoryEnd64 = 0x06064B50;
constexpr std::uint32_t kLocator64 = 0x07064B50;
constexpr std::size_t kEndSize = 22, kLocatorSize = 20;  // bytes
constexpr std::uint32_t kInExtra = 0xFFFFFFFF;           // the 64-bit value stands in the extra field
constexpr std::uint16_t kStored = 0, kDeflated = 8;      // methods
constexpr std::uint16_t kEncrypted = 1;                  // flag
constexpr std::uint64_t kMostOfAByte = 1032;             // bytes that a deflated one can stand for

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
  fail(file, "no zip directory at its end, expected that of an archive");
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
  if (directory.entries > Archive::kMostEntries || directory.offset > bytes.size() ||
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

Archive::Packing packing_of(std::uint16_t flags, std::uint16_t method) {
  if ((flags & kEncrypted) != 0) return Archive::Packing::other;
  return method == kStored     ? Archive::Packing::stored
         : method == kDeflated ? Archive::Packing::deflated
                               : Archive::Packing::other;
}

}  // namespace

bool is_archive(std::span<const std::byte> bytes) {
  return bytes.size() >= 4 && ByteReader(bytes, "").little<std::uint32_t>() == kLocalHeader;
}

Archive::Archive(std::span<const std::byte> bytes, std::string file) : file_(std::move(file)) {
  const Directory directory = read_end(bytes, file_);
  ByteReader reader(bytes.subspan(static_cast<std::size_t>(directory.offset), static_cast<std::size_t>(directory.size)),
                    file_ + " (zip directory)");
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    if (reader.little<std::uint32_t>() != kDirectoryEntry) fail(file_, "the zip directory is damaged");
    reader.skip(4);
    const auto flags = reader.little<std::uint16_t>();
    const auto method = reader.little<std::uint16_t>();
    reader.skip(4);
    Entry entry;
    entry.packing = packing_of(flags, method);
    entry.checksum = reader.little<std::uint32_t>();
    std::uint64_t packed_size = reader.little<std::uint32_t>();
    entry.size = reader.little<std::uint32_t>();
    const auto name_size = reader.little<std::uint16_t>();
    const auto extra_size = reader.little<std::uint16_t>();
    const auto comment_size = reader.little<std::uint16_t>();
    reader.skip(2 + 2 + 4);
    std::uint64_t offset = reader.little<std::uint32_t>();
    std::string name(reader.take_text(name_size));
    read_extra(ByteReader(reader.take(extra_size), file_), {&entry.size, &packed_size, &offset});
    reader.skip(comment_size);
    add_entry(bytes, std::move(name), offset, packed_size, entry);
  }
}

void Archive::add_entry(std::span<const std::byte> all, std::string name, std::uint64_t local_offset,
                        std::uint64_t packed_size, Entry entry) {
  if (local_offset > all.size()) fail(file_, "zip entry " + name + " lies outside the file");
  ByteReader local(all.subspan(static_cast<std::size_t>(local_offset)), file_ + " (zip entry " + name + ")");
  if (local.little<std::uint32_t>() != kLocalHeader) fail(file_, "zip entry " + name + " is damaged");
  local.skip(22);
  const auto name_size = local.little<std::uint16_t>();
  const auto extra_size = local.little<std::uint16_t>();
  local.skip(std::size_t{name_size} + extra_size);
  if (packed_size > local.remaining()) {
    fail(file_, "zip entry " + name + " has " + std::to_string(local.remaining()) + " bytes, expected " +
                    std::to_string(packed_size));
  }
  if (entry.packing == Packing::stored && packed_size != entry.size) {
    fail(file_, "zip entry " + name + " is stored in " + std::to_string(packed_size) + " bytes, expected its " +
                    std::to_string(entry.size));
  }
  entry.packed = local.take(static_cast<std::size_t>(packed_size));
  if (!entries_.emplace(name, entry).second) fail(file_, "zip entry " + name + " stands there twice");
}

const Archive::Entry* Archive::find(std::string_view name) const {
  const auto place = entries_.find(name);
  return place == entries_.end() ? nullptr : &place->second;
}

const Archive::Entry& Archive::at(std::string_view name) const {
  const Entry* entry = find(name);
  if (entry == nullptr) fail(file_, "zip entry " + std::string(name) + " is missing");
  return *entry;
}

void Archive::check_sum(std::string_view name, std::span<const std::byte> content, std::uint32_t expected) const {
  if (crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()) != expected) {
    fail(file_, "zip entry " + std::string(name) + " does not match its checksum");
  }
}

std::span<const std::byte> Archive::stored(std::string_view name) const {
  const Entry& entry = at(name);
  if (entry.packing != Packing::stored) {
    throw Error(ErrorCode::unsupported, file_ + ": zip entry " + std::string(name) +
                                            " is compressed or encrypted, expected it stored as it is");
  }
  check_sum(name, entry.packed, entry.checksum);
  return entry.packed;
}

std::string Archive::inflated(std::string_view name, const Entry& entry) const {
  if (entry.size / kMostOfAByte > entry.packed.size()) {
    fail(file_, "zip entry " + std::string(name) + ": compressed data is damaged, " +
                    std::to_string(entry.packed.size()) + " bytes cannot become " + std::to_string(entry.size));
  }
  std::string out(static_cast<std::size_t>(entry.size), '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw Error(ErrorCode::unsupported, file_ + ": zlib cannot start");
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(entry.packed.data()));
  stream.avail_in = static_cast<uInt>(std::min<std::size_t>(entry.packed.size(), kInExtra));
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  const std::size_t written = out.size() - stream.avail_out;
  inflateEnd(&stream);
  if (status != Z_STREAM_END || written != out.size()) {
    fail(file_, "zip entry " + std::string(name) + ": compressed data is damaged, expected " +
                    std::to_string(out.size()) + " bytes, found " + std::to_string(written));
  }
  return out;
}

std::string Archive::unpacked(std::string_view name) const {
  const Entry& entry = at(name);
  if (entry.packing == Packing::other || entry.size > kMostUnpacked) {
    throw Error(ErrorCode::unsupported, file_ + ": zip entry " + std::string(name) +
                                            " expected stored or deflated, not encrypted, at most 64 MiB");
  }
  std::string content = entry.packing == Packing::deflated
                            ? inflated(name, entry)
                            : std::string(reinterpret_cast<const char*>(entry.packed.data()), entry.packed.size());
  check_sum(name, std::as_bytes(std::span(content.data(), content.size())), entry.checksum);
  return content;
}

}  // namespace pop2piano
