// SPDX-License-Identifier: MIT
// The sustain pedal by harmony: down while a chord lasts, lifted where it changes and at barlines.
#pragma once

#include <pop2piano/score.h>

#include <span>
#include <vector>

#include "music/score/harmony.h"

namespace pop2piano {

/// The pedal is down from the strike at `start` (steps) until `end`.
struct PedalSpan {
  int start = 0, end = 0;
  friend bool operator==(const PedalSpan&, const PedalSpan&) = default;
};

/// Ordered, without overlap; empty where nothing sounds.
[[nodiscard]] std::vector<PedalSpan> pedal_spans(std::span<const ChordSpan> chords, const BeatGrid& grid);

}  // namespace pop2piano
