// SPDX-License-Identifier: MIT
// The plan of one song: its sections as bars, a texture for each letter, and what that is on the song's beats.
#pragma once

#include <pop2piano/plan.h>
#include <pop2piano/score.h>

#include <span>
#include <string>
#include <vector>

#include "music/structure/song_sections.h"

namespace pop2piano {

/// The sections as passages of whole bars, without styles; what lies before the first section belongs to it. Without
/// sections the whole song is "A".
[[nodiscard]] Plan form_of(std::span<const SongSection> sections, const BeatGrid& grid);

/// `decided`, all bars of the song with a style in each passage, with what is wished in its place. A passage that was
/// given without a letter gets that of the section in which it begins. Throws Error: malformed, naming the wish's
/// source, for bars outside the song and a passage of a section that it does not have; invalid_argument for
/// PlanWish::sections of such.
[[nodiscard]] Plan settled_plan(Plan decided, const PlanWish& wish);

/// [beats] the style of each beat of the grid; `otherwise` where no passage says one.
[[nodiscard]] std::vector<std::string> styles_of_beats(const Plan& plan, const BeatGrid& grid,
                                                       const std::string& otherwise);

}  // namespace pop2piano
