// SPDX-License-Identifier: MIT
// How many quarters a page should count: people tap at one level and read more easily at another. A page full of
// sixteenths reads better counted twice as fast, one that hardly leaves the beats half as fast.
#pragma once

#include <pop2piano/analysis.h>
#include <pop2piano/score.h>

#include <span>
#include <string>

namespace pop2piano {

struct ReadingLevel {
  double times = 1;  ///< 0.5, 1 or 2: the page reads best with as many times the beats
  double share = 0;  ///< 0..1, of the steps on which notes begin: on sixteenths (2), off the beats (0.5)
};

/// Of all notes that are played, both hands; those of one step count once. `tempo`: beats a minute of the grid. The
/// level that reads best is never above 180 or below 50 a minute. 1 for fewer than 32 steps.
[[nodiscard]] ReadingLevel reading_level(std::span<const Note> notes, double tempo);

/// A sentence that names the option which counts so; empty where the page reads best as it is, or where no option of
/// the rhythm counts so.
[[nodiscard]] std::string reading_remark(std::span<const Note> notes, const Rhythm& rhythm);

}  // namespace pop2piano
