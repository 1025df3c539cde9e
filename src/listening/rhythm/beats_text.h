// SPDX-License-Identifier: MIT
// Beats as text for people and programs: lines, JAMS, labels of Audacity.
#pragma once

#include <pop2piano/score.h>

#include <string>

namespace pop2piano {

enum class BeatFormat { text, jams, audacity };

/// "text" or "txt", "jams", "audacity".
[[nodiscard]] BeatFormat beat_format_named(const std::string& name);

/// Where beats come from; only JAMS says it.
struct BeatsOrigin {
  std::string title;      ///< of the song
  double duration = 0;    ///< seconds of the song
  double confidence = 0;  ///< 0..1
  bool given = false;     ///< by the user, not found
};

/// text: time, tab, number, as `--beats` reads it. jams: an annotation of the namespace "beat" (Humphrey et al. 2014).
/// audacity: a label at each beat, "bar.beat".
[[nodiscard]] std::string beats_as(BeatFormat format, const BeatGrid& grid, const BeatsOrigin& origin);

}  // namespace pop2piano
