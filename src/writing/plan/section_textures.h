// SPDX-License-Identifier: MIT
// The texture of each section by how loud it is, as pianists choose: what POP909's arrangers play in loud and in quiet
// sections, and at which tempo, measured by `pop2piano-train section-textures` (docs/lab/plan.md).
#pragma once

#include <pop2piano/plan.h>
#include <pop2piano/score.h>

#include <span>
#include <string>

namespace pop2piano {

/// How far the sections of a letter lie above the song, in standard deviations of its letters (of 1 dB at least).
struct SectionEnergy {
  std::string section;
  double deviation = 0.0;
};
/// Of each letter of `form`, by first appearance. `loudness_db`: [beats of the grid].
[[nodiscard]] std::vector<SectionEnergy> section_energies(const Plan& form, const BeatGrid& grid,
                                                          std::span<const float> loudness_db);

/// The texture that most pianists choose for a section that lies so far above its song, whose beats last so long.
[[nodiscard]] std::string texture_of_section(double beat_seconds, double deviation);

/// `form` with the texture of each letter.
[[nodiscard]] Plan decided_plan(Plan form, const BeatGrid& grid, std::span<const float> loudness_db);

}  // namespace pop2piano
