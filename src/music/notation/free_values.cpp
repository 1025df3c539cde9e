// SPDX-License-Identifier: MIT
#include "music/notation/free_values.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

namespace pop2piano {
namespace {

constexpr int kShortest = 1 << -kLeastPower;  // in a quarter

int odd_part(int value) {
  while (value % 2 == 0) value /= 2;
  return value;
}

/// The value of `length`; none: it needs several, or a tuplet.
std::optional<NoteValue> value_of(int length, int divisions) {
  const std::int64_t scaled = static_cast<std::int64_t>(length) * kShortest;
  if (scaled % divisions != 0) return std::nullopt;
  std::int64_t count = scaled / divisions;
  const int dots = count % 3 == 0 ? 1 : 0;
  if (dots == 1) count = count / 3 * 2;
  if ((count & (count - 1)) != 0) return std::nullopt;
  int power = kLeastPower;
  for (; count > 1; count /= 2) ++power;
  if (power > 3 || (dots == 1 && power == kLeastPower)) return std::nullopt;
  return NoteValue{power, dots};
}

/// How a beat is divided: its boundaries (ordered) lie on `actual` * 2^k places.
NoteValue tuplet_of(int start, int length, int divisions, std::span<const int> boundaries) {
  int unit = length;
  bool simple = true;
  const auto first = std::upper_bound(boundaries.begin(), boundaries.end(), start);
  for (auto it = first; it != boundaries.end() && *it < start + length; ++it) {
    const int boundary = *it;
    unit = std::gcd(unit, boundary - start);
    simple = simple && static_cast<std::int64_t>(boundary - start) * kShortest % divisions == 0;
  }
  if (simple) return {};
  const int beat = odd_part(length / std::gcd(length, divisions));  // 3: dotted
  NoteValue value{.actual = odd_part(length / unit), .normal = beat};
  while (value.actual < beat) value.actual *= 2;
  while (2 * value.normal < value.actual) value.normal *= 2;
  return value;
}

class FreeSplitter {
 public:
  FreeSplitter(const BarShape& shape, SpanKind kind) : shape_(shape), kind_(kind) {}

  std::vector<ValuePiece> run(int start, int end) {
    while (start < end) {
      std::size_t beat = beat_at(start);
      int stop = std::min(end, shape_.places[beat + 1]);
      if (shape_.tuplets[beat].is_tuplet()) {
        tuplet(beat, start, stop);
      } else {
        while (stop < end && !shape_.tuplets[++beat].is_tuplet()) stop = std::min(end, shape_.places[beat + 1]);
        plain(start, stop);
      }
      start = stop;
    }
    return std::move(pieces_);
  }

 private:
  [[nodiscard]] std::size_t beat_at(int place) const {
    const auto after = std::upper_bound(shape_.places.begin(), shape_.places.end(), place);
    return std::min(static_cast<std::size_t>(after - shape_.places.begin()), shape_.places.size() - 1) - 1;
  }
  [[nodiscard]] bool is_dotted(std::size_t beat) const {
    return odd_part(length_of(beat) / std::gcd(length_of(beat), shape_.divisions)) > 1;
  }
  [[nodiscard]] int length_of(std::size_t beat) const { return shape_.places[beat + 1] - shape_.places[beat]; }

  void tuplet(std::size_t beat, int start, int end) {
    while (start < end) {
      pieces_.push_back(longest_of_tuplet(beat, start, end));
      start += pieces_.back().steps;
    }
  }

  /// The longest value from `start` on that begins on a multiple of itself within the beat.
  [[nodiscard]] ValuePiece longest_of_tuplet(std::size_t beat, int start, int end) const {
    const NoteValue& ratio = shape_.tuplets[beat];
    const std::int64_t parts = std::int64_t{kShortest} * ratio.actual;
    for (int power = 2; power >= kLeastPower; --power) {
      const std::int64_t scaled = (std::int64_t{shape_.divisions} * ratio.normal) << (power - kLeastPower);
      const auto length = static_cast<int>(scaled / parts);
      if (scaled % parts != 0 || (start - shape_.places[beat]) % length != 0 || length > end - start) continue;
      const bool dotted = 2 * (end - start) == 3 * length && power > kLeastPower;
      return {start, dotted ? end - start : length, {power, dotted ? 1 : 0, ratio.actual, ratio.normal}};
    }
    return {start, end - start, {kLeastPower, 0, ratio.actual, ratio.normal}};
  }

  void plain(int start, int end) {
    if (const auto value = value_of(end - start, shape_.divisions); value && allowed(start, end, *value)) {
      pieces_.push_back({start, end - start, *value});
      return;
    }
    const int cut = strongest_inside(start, end).place;
    plain(start, cut);
    plain(cut, end);
  }

  struct Strong {
    int level = 0;  // 0 the barline, 1 groups of beats, 2 beats, 3 their parts, ..
    int place = 0;
  };
  static constexpr int kBeatLevel = 2;
  static constexpr int kWithin = 64;  // deeper than any place

  /// The strongest place strictly within: of equal ones the last where the span starts on a stronger one, else the
  /// first.
  [[nodiscard]] Strong strongest_inside(int start, int end) const {
    const std::size_t first = beat_at(start), last = beat_at(end - 1);
    const std::vector<int>& groups = shape_.group_starts;
    const auto group = std::upper_bound(groups.begin(), groups.end(), static_cast<int>(first));
    if (group != groups.end() && *group <= static_cast<int>(last)) {
      return {1, shape_.places[static_cast<std::size_t>(*group)]};
    }
    if (first != last) {
      const bool on_beat = shape_.places[first] == start;
      return {kBeatLevel, on_beat ? shape_.places[last] : shape_.places[first + 1]};
    }
    const int origin = shape_.places[first];
    int level = kBeatLevel;
    for (int unit = first_unit(first); unit > 0; unit = unit % 2 == 0 ? unit / 2 : 0) {
      ++level;
      const int after = origin + ((start - origin) / unit + 1) * unit;
      const int before = origin + (end - 1 - origin) / unit * unit;
      if (after >= end) continue;
      return {level, (start - origin) % unit == 0 ? before : after};
    }
    return {kWithin, start + 1};
  }

  /// The largest parts of a beat: halves, or the notes that a dotted one has three of.
  [[nodiscard]] int first_unit(std::size_t beat) const {
    const int length = length_of(beat), odd = odd_part(length / std::gcd(length, shape_.divisions));
    return odd > 1 ? length / odd : length % 2 == 0 ? length / 2 : 1;
  }

  [[nodiscard]] int level_at(int place) const {
    if (place == 0 || place == shape_.length()) return 0;
    const std::size_t beat = beat_at(place);
    if (shape_.places[beat] == place) {
      const auto& groups = shape_.group_starts;
      return std::binary_search(groups.begin(), groups.end(), static_cast<int>(beat)) ? 1 : kBeatLevel;
    }
    int level = kBeatLevel + 1;
    for (int unit = first_unit(beat); unit > 0; unit = unit % 2 == 0 ? unit / 2 : 0, ++level) {
      if ((place - shape_.places[beat]) % unit == 0) return level;
    }
    return kWithin;
  }

  [[nodiscard]] bool allowed(int start, int end, const NoteValue& value) const {
    const bool dotted_beats = is_dotted(beat_at(start)) || is_dotted(beat_at(end - 1));
    if (end - start == 1) return true;
    const int inside = strongest_inside(start, end).level;
    const int before = level_at(start), after = level_at(end);
    if (kind_ == SpanKind::rest) {
      const bool whole_beats = dotted_beats && before <= kBeatLevel && after <= kBeatLevel;
      return before <= inside && (value.dots == 0 || whole_beats);
    }
    if (before <= inside || after <= inside) return true;
    const int weakest = dotted_beats ? kBeatLevel + 1 : 1;  // that a syncopation may hide
    return value.dots == 0 && before == inside + 1 && after == inside + 1 && inside >= weakest;
  }

  const BarShape& shape_;
  SpanKind kind_;
  std::vector<ValuePiece> pieces_;
};

}  // namespace

BarShape bar_shape(int divisions, std::vector<int> places, std::span<const int> boundaries) {
  std::vector<int> ordered(boundaries.begin(), boundaries.end());
  std::sort(ordered.begin(), ordered.end());
  BarShape shape;
  shape.divisions = divisions;
  shape.places = std::move(places);
  for (std::size_t beat = 0; beat + 1 < shape.places.size(); ++beat) {
    const int start = shape.places[beat];
    shape.tuplets.push_back(tuplet_of(start, shape.places[beat + 1] - start, divisions, ordered));
  }
  const int beats = shape.beats();
  shape.group_starts = group_starts(beats);
  if (beats == 4) shape.group_starts = {0, 2};
  return shape;
}

std::vector<ValuePiece> split_freely(int start, int end, const BarShape& shape, SpanKind kind) {
  return FreeSplitter(shape, kind).run(start, end);
}

}  // namespace pop2piano
