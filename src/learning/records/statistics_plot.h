// SPDX-License-Identifier: MIT
// What a network sees of two sets of sounds, drawn side by side.
#pragma once

#include <string>

#include "learning/records/sound_statistics.h"

namespace pop2piano {

/// An SVG of six panels, one for each kind of figure by frequency: mean and deviation over the songs of both sides.
[[nodiscard]] std::string statistics_plot(const StatisticsComparison& comparison, const std::string& name_a,
                                          const std::string& name_b);

}  // namespace pop2piano
