// SPDX-License-Identifier: MIT
// A plain sound of a note list, for measures that listen: decaying harmonics, no sound font. Not for human ears.
#pragma once

#include <span>
#include <vector>

#include "music/score/played_note.h"

namespace pop2piano {

/// Seconds; notes beyond are not heard.
inline constexpr double kLongestAnalysisSound = 3600.0;

/// Mono samples [last offset + a short release]. Eight harmonics, higher ones weaker and shorter; velocity is loudness.
std::vector<float> analysis_sound(std::span<const PlayedNote> notes, int sample_rate = 22050);

}  // namespace pop2piano
