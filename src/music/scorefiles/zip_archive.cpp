// SPDX-License-Identifier: MIT
#include "music/scorefiles/zip_archive.h"

#include <pop2piano/error.h>

#include <algorithm>

#include <zlib.h>

#include "base/core/byte_reader.h"

namespace pop2piano {
namespace {

constexpr std::size_t kMaxEntryBytes = 64U << 20;
constexpr std::uint32_t kEndOfDirectory = 0x06054B50, kDirectoryEntry = 0x02014B50, kLocalHeader = 0x04034B50;
constexpr std::size_t kEndRecordBytes = 22, kMaxComment = 0xFFFF;

struct Entry {
  std::uint16_t flags = 0, method = 0;
  std::uint32_t packed = 0, size = 0, offset = 0;
};

std::uint32_t little32(std::span<const std::byte> bytes, std::size_t at, const std::string& what) {
  return ByteReader(bytes.subspan(at), what).little<std::uint32_t>();
}

std::size_t find_directory_end(std::span<const std::byte> bytes, const std::string& what) {
  if (bytes.size() >= kEndRecordBytes) {
    const std::size_t last = bytes.size() - kEndRecordBytes;
    for (std::size_t at = last + 1; at-- > (last > kMaxComment ? last - kMaxComment : 0);) {
      if (little32(bytes, at, what) == kEndOfDirectory) return at;
    }
  }
  throw Error(ErrorCode::malformed, what + ": expected the directory of a zip archive, found none");
}

Entry find_entry(std::span<const std::byte> bytes, std::string_view name, const std::string& what) {
  ByteReader end(bytes.subspan(find_directory_end(bytes, what)), what);
  end.skip(10);
  const auto count = end.little<std::uint16_t>();
  end.skip(4);
  const auto start = end.little<std::uint32_t>();
  if (start > bytes.size()) throw Error(ErrorCode::malformed, what + ": the zip directory lies outside the file");
  ByteReader directory(bytes.subspan(start), what);
  for (int i = 0; i < count; ++i) {
    if (directory.little<std::uint32_t>() != kDirectoryEntry) break;
    Entry entry;
    directory.skip(4);
    entry.flags = directory.little<std::uint16_t>();
    entry.method = directory.little<std::uint16_t>();
    directory.skip(8);
    entry.packed = directory.little<std::uint32_t>();
    entry.size = directory.little<std::uint32_t>();
    const auto name_length = directory.little<std::uint16_t>();
    const std::size_t rest = std::size_t{directory.little<std::uint16_t>()} + directory.little<std::uint16_t>();
    directory.skip(8);
    entry.offset = directory.little<std::uint32_t>();
    const std::string_view found = directory.take_text(name_length);
    directory.skip(rest);
    if (found == name) return entry;
  }
  throw Error(ErrorCode::not_found, what + ": expected the file " + std::string(name) + " in the archive, found none");
}

std::string inflated(std::span<const std::byte> packed, std::size_t size, const std::string& what) {
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw Error(ErrorCode::unsupported, what + ": zlib cannot start");
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  const std::size_t written = out.size() - stream.avail_out;
  inflateEnd(&stream);
  if (status != Z_STREAM_END || written != size) {
    throw Error(ErrorCode::malformed, what + ": compressed data is damaged; expected " + std::to_string(size) +
                                          " bytes, found " + std::to_string(written));
  }
  return out;
}

}  // namespace

bool is_zip(std::span<const std::byte> bytes) { return bytes.size() >= 4 && little32(bytes, 0, "") == kLocalHeader; }

std::string read_zip_entry(std::span<const std::byte> archive, std::string_view name, const std::string& what) {
  const Entry entry = find_entry(archive, name, what);
  if ((entry.flags & 1) != 0 || (entry.method != 0 && entry.method != 8) || entry.size > kMaxEntryBytes) {
    throw Error(ErrorCode::unsupported,
                what + ": " + std::string(name) + " expected stored or deflated, not encrypted, at most 64 MiB");
  }
  if (entry.offset > archive.size()) throw Error(ErrorCode::malformed, what + ": a file lies outside the archive");
  ByteReader local(archive.subspan(entry.offset), what);
  if (local.little<std::uint32_t>() != kLocalHeader) throw Error(ErrorCode::malformed, what + ": no local header");
  local.skip(22);
  const std::size_t skip = std::size_t{local.little<std::uint16_t>()} + local.little<std::uint16_t>();
  local.skip(skip);
  const auto packed = local.take(entry.packed);
  if (entry.method == 8) return inflated(packed, entry.size, what);
  return {reinterpret_cast<const char*>(packed.data()), packed.size()};
}

}  // namespace pop2piano
