// SPDX-License-Identifier: MIT
// Beats as a picture: what was heard, beats and bars over it, and the tempo's course.
#pragma once

#include <pop2piano/score.h>

#include <string>

#include "listening/rhythm/beat_tracker.h"

namespace pop2piano {

/// An SVG of lines of 15 s each: onset strength, evidence for beats and downbeats, beats, bar numbers; below, beats a
/// minute over the whole song.
[[nodiscard]] std::string beats_as_svg(const BeatGrid& grid, const BeatCurves& curves, const std::string& title);

}  // namespace pop2piano
