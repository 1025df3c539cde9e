// SPDX-License-Identifier: MIT
// Time signatures and the beats that they are counted in: quarters in n/1, n/2 and n/4, dotted notes in 3/8, 6/8, 9/8,
// 12/8 and the same over 16; other metres of eighths in quarters with one dotted among them (5/8 as 3 + 2, 7/8 as
// 2 + 2 + 3). Lengths are in 64th notes (kQuarterLength).
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <span>
#include <vector>

namespace pop2piano {

struct Metre {
  int numerator = 4, denominator = 4;
  [[nodiscard]] int length() const { return 64 * numerator / denominator; }
  friend bool operator==(const Metre&, const Metre&) = default;
};

/// Whether a time signature is one that can be kept: 1..255 over 1, 2, 4, .. 64.
[[nodiscard]] bool is_metre(int numerator, int denominator);

/// The time signature of a bar of this length that has none: over `denominator`, or over what its parts need.
[[nodiscard]] Metre metre_of_length(int length, int denominator = 4);

/// Lengths of the beats of a full bar.
[[nodiscard]] std::vector<std::int16_t> beats_of(const Metre& metre);

/// A bar as it stands in a file: its time signature, and how long it is.
struct PlannedBar {
  Metre metre;
  int length = 64;
};

/// The beats of bars that follow one another from beat 0 on; the last beat is where they end. `times` is left empty. A
/// first bar that is shorter than its metre is a pickup: its beats are the last ones of a full bar.
[[nodiscard]] BeatGrid beats_of_bars(std::span<const PlannedBar> bars);

/// The written length of a beat, also before and after the grid.
[[nodiscard]] int beat_length(const BeatGrid& grid, int beat);
/// The length that most beats have.
[[nodiscard]] int usual_beat_length(const BeatGrid& grid);
/// The median tempo.
[[nodiscard]] double quarters_per_minute(const BeatGrid& grid);
/// [beats + 1] where the beats of a grid begin, from its first one on.
[[nodiscard]] std::vector<int> beat_starts(const BeatGrid& grid);

}  // namespace pop2piano
