// SPDX-License-Identifier: MIT
// Spans of time as written note values: pieces that show the beats of the bar, tied together.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <span>
#include <vector>

namespace pop2piano {

/// A written value: a quarter times 2^power, half as much again when dotted; within a tuplet `actual` of them last as
/// long as `normal`.
struct NoteValue {
  int power = 0;  ///< 3 breve, 2 whole, 1 half, 0 quarter, -1 eighth, -2 16th, .. -8 1024th
  int dots = 0;   ///< 0 or 1
  int actual = 1, normal = 1;
  [[nodiscard]] bool is_tuplet() const { return actual != normal; }
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

/// What a bar looks like for splitting. Places and lengths are in divisions.
struct BarShape {
  int divisions = kStepsPerBeat;    ///< of a quarter
  std::vector<int> places;          ///< [beats + 1] where the beats begin
  std::vector<NoteValue> tuplets;   ///< [beats] what they are divided as: `actual` in the time of `normal`
  std::vector<int> group_starts{};  ///< of beats that values should not hide

  [[nodiscard]] int beats() const { return static_cast<int>(tuplets.size()); }
  [[nodiscard]] int length() const { return places.back(); }
  /// Quarters of 12 steps: split as those of songs are.
  [[nodiscard]] bool is_plain() const;
};

/// [start, end) as legal values, in order, summing exactly; 0 <= start < end <= shape.length(); both are boundaries of
/// the shape or barlines.
[[nodiscard]] std::vector<ValuePiece> split_span(int start, int end, const BarShape& shape, SpanKind kind);

/// A bar of these beats. A beat that some boundary (divisions from the start of the bar) cuts elsewhere than at halves,
/// quarters, eighths .. of a note is a tuplet.
[[nodiscard]] BarShape bar_shape(int divisions, std::vector<int> places, std::span<const int> boundaries);
/// The same of `beats` quarters, in steps.
[[nodiscard]] BarShape bar_shape(int beats, std::span<const int> boundaries);

/// Starts of the groups (numbers of beats) that values should not hide: halves of 4/4, 3+3, 3+2, fours.
[[nodiscard]] std::vector<int> group_starts(int beats);

}  // namespace pop2piano
