// SPDX-License-Identifier: MIT
// Cents as a factor on frequencies.
#pragma once

#include <cmath>

namespace pop2piano {

/// 1 for 0 cents, exactly.
[[nodiscard]] inline double frequency_ratio(double cents) { return std::exp2(cents / 1200.0); }

}  // namespace pop2piano
