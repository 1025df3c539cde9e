// SPDX-License-Identifier: MIT
// Note values in bars of any beats: dotted ones, beats of unequal length, any tuplet, values down to a 1024th.
#pragma once

#include <vector>

#include "music/notation/note_values.h"

namespace pop2piano {

inline constexpr int kLeastPower = -8;  // a 1024th

/// split_span() for shapes that are not plain. A value hides no place of the bar that is stronger than both its ends,
/// syncopations apart.
[[nodiscard]] std::vector<ValuePiece> split_freely(int start, int end, const BarShape& shape, SpanKind kind);

}  // namespace pop2piano
