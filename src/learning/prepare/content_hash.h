// SPDX-License-Identifier: MIT
// 64-bit FNV-1a (Fowler, Noll, Vo): tells whether contents changed, and which part a pair belongs to. Nobody is kept
// from making two contents with one hash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace pop2piano {

[[nodiscard]] std::uint64_t hash_of(std::span<const std::byte> bytes);
[[nodiscard]] std::uint64_t hash_of(std::string_view text);
/// 16 digits.
[[nodiscard]] std::string hex_of(std::uint64_t hash);
/// hex_of() a file's bytes. Throws Error: not_found, unreadable.
[[nodiscard]] std::string hash_of_file(const std::filesystem::path& file);

}  // namespace pop2piano
