// SPDX-License-Identifier: MIT
#include "learning/prepare/content_hash.h"

#include <fmt/format.h>

#include "base/core/mapped_file.h"

namespace pop2piano {

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const std::byte byte : bytes) {
    hash ^= static_cast<std::uint64_t>(byte);
    hash *= 0x100000001B3ULL;
  }
  return hash;
}

std::uint64_t hash_of(std::string_view text) { return hash_of(std::as_bytes(std::span(text.data(), text.size()))); }

std::string hex_of(std::uint64_t hash) { return fmt::format("{:016x}", hash); }

std::string hash_of_file(const std::filesystem::path& file) { return hex_of(hash_of(MappedFile(file).bytes())); }

}  // namespace pop2piano
