// SPDX-License-Identifier: MIT
// Bars from the beat numbers of a grid: where they start, how long they are, which are pickups.
#pragma once

#include <pop2piano/score.h>

#include <vector>

#include "music/score/metre.h"

namespace pop2piano {

/// A bar of more beats than this is cut into bars of the prevailing metre (at most this many beats), unless the grid
/// has time signatures.
inline constexpr int kMaxBeatsPerBar = 16;

struct Bar {
  int first_beat = 0;  ///< index into the grid; negative before it, beyond size() after it
  int beats = 4;
  bool pickup = false;  ///< the first bar, shorter than the prevailing metre because the music starts late in it
};

/// The time signature that a bar stands under: the grid's, else as many quarters as the bar (a pickup: most bars) has
/// beats.
[[nodiscard]] Metre metre_of(const BeatGrid& grid, const Bar& bar);
/// What a bar lasts as it is written, in 64th notes.
[[nodiscard]] int written_length(const BeatGrid& grid, const Bar& bar);

/// Number of any beat, also before and after the grid, where numbers continue by the prevailing metre.
[[nodiscard]] int beat_number(const BeatGrid& grid, int beat);

/// The bars that cover [first_beat, last_beat); the first one starts exactly at first_beat (a pickup, unless that is a
/// downbeat), the last one is completed. first_beat < last_beat.
[[nodiscard]] std::vector<Bar> bars_between(const BeatGrid& grid, int first_beat, int last_beat);

/// The downbeat at or before `beat`, at most kMaxBeatsPerBar - 1 beats back (with time signatures, any number).
[[nodiscard]] int bar_start(const BeatGrid& grid, int beat);

/// The grid's beat in which a step lies (floor).
[[nodiscard]] constexpr int beat_of_step(int step) {
  return step >= 0 ? step / kStepsPerBeat : -((-step + kStepsPerBeat - 1) / kStepsPerBeat);
}

}  // namespace pop2piano
