// SPDX-License-Identifier: MIT
// The bytes of what a network wrote and somebody kept: a seal (base/core/sealed_file.h), then the values.
#pragma once

#include <pop2piano/cover.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace pop2piano {

/// The whole file.
[[nodiscard]] std::vector<std::byte> encode_written(const Written& written);

/// Reverses encode_written(). Throws Error as load_written() does, `name` in front.
[[nodiscard]] Written decode_written(std::span<const std::byte> bytes, const std::string& name);

/// The values alone, without the seal that would tell damage, checked as those of an analysis are.
[[nodiscard]] Written decode_written_values(std::span<const std::byte> values, const std::string& name);

}  // namespace pop2piano
