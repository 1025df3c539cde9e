// SPDX-License-Identifier: MIT
// Tells a rhythm that was written from one that was played: the onsets of nearly every beat lie on equal parts of it,
// to a tick.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace pop2piano {

/// `onsets` (beats, fractional, any order) on the parts of their beats: 3 to 9, 12 or 16 equal ones, one number for
/// each beat. Absent: less than 99 of 100 notes lie in beats that fit so (within `tolerance`, beats), less than half of
/// the beats begin with a note, or 16ths and triplets are all there is, which Quantiser finds as well. Onsets of the
/// beats that do not fit are left as they are.
[[nodiscard]] std::optional<std::vector<double>> exact_onsets(std::span<const double> onsets, double tolerance);

}  // namespace pop2piano
