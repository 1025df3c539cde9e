// SPDX-License-Identifier: MIT
// Where written steps sound in music that swings.
#pragma once

#include <pop2piano/score.h>

namespace pop2piano {

/// Beats from beat 0 at which a step sounds. Halves of a pair are moved and what is written between goes with them;
/// thirds of a beat stay, as they are where they sound already.
[[nodiscard]] double played_beat(int step, const Swing& swing);

}  // namespace pop2piano
