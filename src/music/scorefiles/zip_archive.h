// SPDX-License-Identifier: MIT
// Files inside a zip archive (PKWARE APPNOTE), stored or deflated, as compressed MusicXML uses them. Sizes are bounded.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace pop2piano {

[[nodiscard]] bool is_zip(std::span<const std::byte> bytes);

/// The content of the file of that name; throws Error: not_found, malformed, unsupported (encrypted, another method,
/// more than 64 MiB).
[[nodiscard]] std::string read_zip_entry(std::span<const std::byte> archive, std::string_view name,
                                         const std::string& what);

}  // namespace pop2piano
