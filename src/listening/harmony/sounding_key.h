// SPDX-License-Identifier: MIT
// The key of a recording from how much each pitch class sounds: the notes' key finder (score/key.h) on what stands out
// of overtones, drums and noise, which fill all twelve alike.
#pragma once

#include <pop2piano/score.h>

#include <optional>

#include "music/score/key.h"

namespace pop2piano {

/// Absent where all pitch classes sound nearly alike: drums, noise, silence.
[[nodiscard]] std::optional<Key> find_sounding_key(const PitchClassWeights& weights);

}  // namespace pop2piano
