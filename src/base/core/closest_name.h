// SPDX-License-Identifier: MIT
// "Did you mean": the nearest of the known names.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pop2piano {

/// The known name with the least edit distance to `name`, if that is at most a third of its length (at least 2 edits
/// are allowed); else empty.
std::string closest_name(std::string_view name, std::span<const std::string> known);

}  // namespace pop2piano
