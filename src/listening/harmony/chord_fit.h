// SPDX-License-Identifier: MIT
// How well the pitch classes that sound at a beat fit each chord, whatever a network takes it for: correlation with the
// chord's notes and their partials (Gomez 2006), as chord_recognition has it for major and minor. A network that was
// trained on renderings knows recordings less well than it believes; this knows nothing, and so it is never sure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/core/matrix.h"

namespace pop2piano {

/// `levels` [frames, kHarmonyBands] as HarmonyFrameExtractor gives them, kHarmonyFramesPerBeat frames to each beat, one
/// at least to the last. [beats, kChordClasses] correlations, -1..1; no chord: 0.25, as a beat that fits nothing.
[[nodiscard]] Matrix<float> chord_fits(Span2D<const std::uint8_t> levels, std::size_t beats);

}  // namespace pop2piano
