// SPDX-License-Identifier: MIT
// A file of one piece of bytes that this program wrote and reads again: a head with magic, version, length and CRC-32C
// before them, so that what is cut off, damaged or of another version is told apart before anything is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pop2piano {

inline constexpr std::size_t kSealBytes = 32;  ///< of the head

/// What kind of file it is.
struct Seal {
  std::string_view magic;     ///< 8 characters
  std::uint32_t version = 1;  ///< the only one that is read
  std::string_view what;      ///< for messages: "a kept analysis"
  std::string_view remedy;    ///< for messages, what to do with another one: "analyse the recording again"
};

/// Head and contents, little endian.
[[nodiscard]] std::vector<std::byte> sealed(const Seal& seal, std::span<const std::byte> contents);

/// Whether the bytes begin with the magic; whatever follows.
[[nodiscard]] bool has_seal(const Seal& seal, std::span<const std::byte> bytes);

/// The contents. Throws Error, `name` in front: malformed (no such file, cut off, bytes too many, damaged), unsupported
/// (another version).
[[nodiscard]] std::span<const std::byte> unsealed(const Seal& seal, std::span<const std::byte> bytes,
                                                  const std::string& name);

}  // namespace pop2piano
