// SPDX-License-Identifier: MIT
// Zip archives (PKWARE APPNOTE, with its 64-bit records): files of PyTorch, compressed MusicXML. Not encrypted ones,
// and none of several volumes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace pop2piano {

/// Whether the bytes begin as a zip archive does.
[[nodiscard]] bool is_archive(std::span<const std::byte> bytes);

/// Borrows the bytes of the file, which may be mapped: a stored entry is handed out where it lies.
class Archive {
 public:
  static constexpr std::uint64_t kMostEntries = 1'000'000;
  static constexpr std::uint64_t kMostUnpacked = 64U << 20;  ///< bytes of an entry: many times the largest score

  enum class Packing { stored, deflated, other };
  struct Entry {
    std::span<const std::byte> packed;  ///< as they lie in the file
    std::uint64_t size = 0;             ///< bytes when unpacked
    std::uint32_t checksum = 0;         ///< CRC-32 of the unpacked bytes
    Packing packing = Packing::stored;  ///< other: encrypted, or a method that is not read here
  };

  /// Throws Error(malformed): no directory, entries outside the file, one name twice. Unpacks nothing.
  Archive(std::span<const std::byte> bytes, std::string file);

  [[nodiscard]] const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  /// Null: not there.
  [[nodiscard]] const Entry* find(std::string_view name) const;
  /// The bytes of a stored entry, after a look at their sum. Throws Error: malformed (not there, damaged), unsupported
  /// (compressed or encrypted).
  [[nodiscard]] std::span<const std::byte> stored(std::string_view name) const;
  /// A copy of an entry, unpacked where it is compressed. Throws Error: malformed, unsupported (encrypted, another
  /// method, longer than kMostUnpacked).
  [[nodiscard]] std::string unpacked(std::string_view name) const;
  [[nodiscard]] const std::string& file() const { return file_; }

 private:
  void add_entry(std::span<const std::byte> all, std::string name, std::uint64_t local_offset,
                 std::uint64_t packed_size, Entry entry);
  [[nodiscard]] const Entry& at(std::string_view name) const;
  void check_sum(std::string_view name, std::span<const std::byte> content, std::uint32_t expected) const;
  [[nodiscard]] std::string inflated(std::string_view name, const Entry& entry) const;

  std::string file_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace pop2piano
