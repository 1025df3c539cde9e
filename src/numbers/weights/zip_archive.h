// SPDX-License-Identifier: MIT
// The zip container as PyTorch writes it: entries that are stored, not compressed, found by the directory at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace pop2piano {

/// Borrows the bytes of the file. Compressed or encrypted entries are refused: nothing is ever inflated.
class ZipArchive {
 public:
  /// Throws Error: malformed (no directory, entries outside the file), unsupported (compression).
  ZipArchive(std::span<const std::byte> bytes, std::string file);

  struct Entry {
    std::span<const std::byte> bytes;
    std::uint32_t checksum = 0;  ///< CRC-32
  };
  [[nodiscard]] const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  /// Checks the sum, then hands out the bytes. Throws Error: not there, damaged.
  [[nodiscard]] std::span<const std::byte> read(std::string_view name) const;
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  void add_entry(std::span<const std::byte> all, std::string name, std::uint64_t local_offset, std::uint64_t size,
                 std::uint32_t checksum);

  std::string file_;
  std::map<std::string, Entry, std::less<>> entries_;
};

/// CRC-32 as zip and PNG use it.
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes);

}  // namespace pop2piano
