// SPDX-License-Identifier: MIT
// Tells a rhythm that was written from one that was played: the onsets of nearly every beat lie on equal parts of it,
// to a tick.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace pop2piano {

/// `onsets` (beats, fractional, any order) on the parts of their beats: 3 to 10, 12, 14, 15, 16, 24 or 48 equal ones,
/// one number for each beat. Absent: less than 19 of 20 notes lie in beats that fit so (within `tolerance`, beats), or
/// 16ths and triplets are all there is, which Quantiser finds as well. Onsets of the beats that do not fit are left as
/// they are.
[[nodiscard]] std::optional<std::vector<double>> exact_onsets(std::span<const double> onsets, double tolerance);

}  // namespace pop2piano
