// SPDX-License-Identifier: MIT
// CRC-32C (Castagnoli, as in iSCSI, RFC 3720), table driven, eight bytes at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace pop2piano {

/// Continues from `crc` (0 to begin): crc32c(b, crc32c(a)) is the checksum of a followed by b.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0);

}  // namespace pop2piano
