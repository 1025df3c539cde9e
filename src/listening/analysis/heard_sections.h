// SPDX-License-Identifier: MIT
// The sections of a recording, from what its analysis keeps.
#pragma once

#include <pop2piano/analysis.h>

#include <vector>

namespace pop2piano {

/// By harmony (the bands' pitch classes), the melody's evidence and timbre; none for features that are not
/// beat_synchronous. A few milliseconds.
[[nodiscard]] std::vector<SongSection> heard_sections(const Analysis& analysis);

}  // namespace pop2piano
