// SPDX-License-Identifier: MIT
// The sections of a song, with letters that return: A B A B C B.
#pragma once

#include <span>
#include <vector>

#include "base/core/matrix.h"

namespace pop2piano {

/// Bars [first, first + bars); sections with the same letter (0 = A) are the same passage again.
struct BarSection {
  int first = 0, bars = 0, letter = 0;
  friend bool operator==(const BarSection&, const BarSection&) = default;
};

/// `likeness`: [bars, bars] as bar_likeness() gives. The sections cover all bars; letters appear in alphabetical order.
/// Borders by dynamic programming over the lengths that phrases have: a section is worth how well it returns at another
/// place and how new its first bar is (Foote's novelty, ICME 2000); letters by joining those that are most alike first.
/// Deterministic; time grows with the square of the bars.
[[nodiscard]] std::vector<BarSection> find_sections(Span2D<const float> likeness);

}  // namespace pop2piano
