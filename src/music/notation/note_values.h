// SPDX-License-Identifier: MIT
// Spans of time as written note values: pieces that show the beats of the bar, tied together.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <span>
#include <vector>

namespace pop2piano {

/// A written value: kStepsPerBeat * 2^power steps, half as much again when dotted, two thirds within a triplet.
struct NoteValue {
  int power = 0;  ///< 3 breve, 2 whole, 1 half, 0 quarter, -1 eighth, -2 16th, -3 32nd
  int dots = 0;   ///< 0 or 1
  bool triplet = false;
};

/// "whole", "half", "quarter", "eighth", "16th", "32nd" (MusicXML's names).
[[nodiscard]] const char* type_name(const NoteValue& value);

/// One piece of a span: [onset, onset + steps) from the start of the bar.
struct ValuePiece {
  int onset = 0;
  int steps = 0;
  NoteValue value{};
};

enum class SpanKind : std::uint8_t { note, rest };

/// What a bar looks like for splitting: its length, and which of its beats are written as triplets.
struct BarShape {
  int beats = 4;
  std::vector<bool> triplet_beats;  ///< [beats]
  [[nodiscard]] int steps() const { return beats * kStepsPerBeat; }
};

/// [start, end) as legal values, in order, summing exactly; 0 <= start < end <= shape.steps(). A beat that `boundaries`
/// cut elsewhere than at 16ths must be a triplet beat.
[[nodiscard]] std::vector<ValuePiece> split_span(int start, int end, const BarShape& shape, SpanKind kind);

/// Triplet beats: those in which some boundary (steps from the start of the bar) is not on a 16th.
[[nodiscard]] BarShape bar_shape(int beats, std::span<const int> boundaries);

/// Starts of the groups of beats (steps) that values should not hide: halves of 4/4, 3+3, 3+2, fours.
[[nodiscard]] std::vector<int> group_starts(int beats);

}  // namespace pop2piano
