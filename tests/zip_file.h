// SPDX-License-Identifier: MIT
// Zip archives for tests, made with zlib; what they claim can be falsified.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <zlib.h>

#include "base/core/byte_reader.h"

namespace pop2piano::testing {

struct ZipEntry {
  std::string name, content;
  bool deflated = false;
  std::uint16_t method = 0;  ///< written when not 0, whatever the bytes are
  std::uint16_t flags = 0;
  std::uint32_t more_bytes = 0;  ///< claimed beyond those there are
};

inline std::string deflated_bytes(const std::string& content) {
  std::string out(compressBound(content.size()) + 64, '\0');
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib");
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("zlib");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline void put_zip_header(ByteWriter& writer, const ZipEntry& entry, std::uint32_t packed_size) {
  const auto* content = reinterpret_cast<const Bytef*>(entry.content.data());
  writer.little<std::uint16_t>(20);
  writer.little(entry.flags);
  writer.little(static_cast<std::uint16_t>(entry.method != 0 ? entry.method : entry.deflated ? 8 : 0));
  writer.little<std::uint32_t>(0);
  writer.little(static_cast<std::uint32_t>(crc32_z(0, content, entry.content.size())));
  writer.little(packed_size + (entry.deflated ? 0 : entry.more_bytes));
  writer.little(static_cast<std::uint32_t>(entry.content.size()) + entry.more_bytes);
  writer.little(static_cast<std::uint16_t>(entry.name.size()));
  writer.little<std::uint16_t>(0);
}

inline std::string zip_file(const std::vector<ZipEntry>& entries) {
  ByteWriter out, directory;
  for (const ZipEntry& entry : entries) {
    const auto offset = static_cast<std::uint32_t>(out.size());
    const std::string packed = entry.deflated ? deflated_bytes(entry.content) : entry.content;
    const auto packed_size = static_cast<std::uint32_t>(packed.size());
    out.little<std::uint32_t>(0x04034B50);
    put_zip_header(out, entry, packed_size);
    out.put_text(entry.name);
    out.put_text(packed);
    directory.little<std::uint32_t>(0x02014B50);
    directory.little<std::uint16_t>(20);
    put_zip_header(directory, entry, packed_size);
    for (int i = 0; i < 3; ++i) directory.little<std::uint16_t>(0);
    directory.little<std::uint32_t>(0);
    directory.little(offset);
    directory.put_text(entry.name);
  }
  const auto start = static_cast<std::uint32_t>(out.size());
  out.put(directory.bytes());
  out.little<std::uint32_t>(0x06054B50);
  out.little<std::uint32_t>(0);
  out.little(static_cast<std::uint16_t>(entries.size()));
  out.little(static_cast<std::uint16_t>(entries.size()));
  out.little(static_cast<std::uint32_t>(directory.size()));
  out.little(start);
  out.little<std::uint16_t>(0);
  return {reinterpret_cast<const char*>(out.bytes().data()), out.size()};
}

}  // namespace pop2piano::testing
