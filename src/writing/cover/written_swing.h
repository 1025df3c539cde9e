// SPDX-License-Identifier: MIT
// How what was written for a recording is played: the networks write swung eighths as even ones.
#pragma once

#include <pop2piano/analysis.h>
#include <pop2piano/score.h>

namespace pop2piano {

[[nodiscard]] Swing swing_of(const Rhythm& rhythm);

}  // namespace pop2piano
