// SPDX-License-Identifier: MIT
// From the tracker's chances of tempi and bars to answers that a user can take, and to what a user is told of them.
#pragma once

#include <pop2piano/analysis.h>

#include <vector>

#include "listening/rhythm/beat_tracker.h"

namespace pop2piano {

/// `places` [beats that were tracked]: where each stands in rhythm.grid, increasing. Fills `downbeat_chances` and
/// `answers`, and adds a remark where another answer is nearly as likely as what was found.
void set_answers(Rhythm& rhythm, const BeatAnalysis& tracked, const std::vector<std::size_t>& places,
                 const BeatOptions& options);

/// Whether chances and answers are those of the rhythm's grid: what must hold of values that were kept.
[[nodiscard]] bool answers_hold(const Rhythm& rhythm);

/// Likeliest first beat (1-based) of bars of `beats_per_bar`; 1 where nothing is known of that metre.
[[nodiscard]] int likeliest_downbeat(const Rhythm& rhythm, int beats_per_bar);

}  // namespace pop2piano
