// SPDX-License-Identifier: MIT
// The bytes of a kept analysis: a seal (base/core/sealed_file.h), then its values (described.h).
#pragma once

#include <pop2piano/analysis.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace pop2piano {

/// The whole file.
[[nodiscard]] std::vector<std::byte> encode_analysis(const Analysis& analysis);

/// Reverses encode_analysis(). Throws Error as load_analysis() does, `name` in front.
[[nodiscard]] Analysis decode_analysis(std::span<const std::byte> bytes, const std::string& name);

/// The values alone, without the seal that would tell damage: every length, choice and size is checked against what is
/// there and against the others, so that whatever uses the result stays within it.
[[nodiscard]] Analysis decode_analysis_values(std::span<const std::byte> values, const std::string& name);

}  // namespace pop2piano
