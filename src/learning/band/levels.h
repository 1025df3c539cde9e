// SPDX-License-Identifier: MIT
// How loud each track of an arrangement is, and what is done to the sum, drawn at random.
#pragma once

#include "base/core/random.h"
#include "learning/studio/arrangement.h"

namespace pop2piano {

/// Levels of all tracks, by their roles.
void set_levels(Arrangement& arrangement, Random& random);
[[nodiscard]] Mastering draw_mastering(Random& random);

}  // namespace pop2piano
