// SPDX-License-Identifier: MIT
#include "music/notation/note_values.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "music/notation/free_values.h"

namespace pop2piano {
namespace {

constexpr int kBeat = kStepsPerBeat;
constexpr int kSixteenth = kStepsPerBeat / 4;
constexpr int kHalfBeat = kStepsPerBeat / 2;

struct Named {
  int steps;
  NoteValue value;
};
constexpr std::array<Named, 10> kPlain = {{{96, {3, 0}},
                                           {72, {2, 1}},
                                           {48, {2, 0}},
                                           {36, {1, 1}},
                                           {24, {1, 0}},
                                           {18, {0, 1}},
                                           {12, {0, 0}},
                                           {9, {-1, 1}},
                                           {6, {-1, 0}},
                                           {3, {-2, 0}}}};
constexpr std::array<Named, 4> kTriplet = {
    {{8, {0, 0, 3, 2}}, {4, {-1, 0, 3, 2}}, {2, {-2, 0, 3, 2}}, {1, {-3, 0, 3, 2}}}};

std::optional<NoteValue> plain_value(int steps) {
  for (const Named& named : kPlain) {
    if (named.steps == steps) return named.value;
  }
  return std::nullopt;
}

/// Groups longer than three beats have a middle that is nearly as strong as their start.
struct Group {
  int start = 0, end = 0;
  [[nodiscard]] std::optional<int> middle() const {
    return end - start == 4 * kBeat ? std::optional(start + 2 * kBeat) : std::nullopt;
  }
};

Group group_at(int step, int beats) {
  const std::vector<int> starts = group_starts(beats);
  const auto next = std::upper_bound(starts.begin(), starts.end(), step / kBeat);
  return {*std::prev(next) * kBeat, (next == starts.end() ? beats : *next) * kBeat};
}

class Splitter {
 public:
  Splitter(const BarShape& shape, SpanKind kind) : shape_(shape), kind_(kind) {}

  std::vector<ValuePiece> run(int start, int end) {
    while (start < end) {
      if (is_triplet_beat(start / kBeat)) {
        const int stop = std::min(end, (start / kBeat + 1) * kBeat);
        triplets(start, stop);
        start = stop;
        continue;
      }
      int stop = end;  // up to the next triplet beat that the span enters
      for (int beat = start / kBeat + 1; beat * kBeat < end; ++beat) {
        if (is_triplet_beat(beat)) {
          stop = beat * kBeat;
          break;
        }
      }
      plain(start, stop);
      start = stop;
    }
    return std::move(pieces_);
  }

 private:
  [[nodiscard]] bool is_triplet_beat(int beat) const {
    return shape_.tuplets[static_cast<std::size_t>(beat)].is_tuplet();
  }

  void triplets(int start, int end) {
    while (start < end) {
      const int within = start % kBeat;
      for (const Named& named : kTriplet) {
        const bool aligned = named.steps == 8 ? within % 4 == 0 : within % named.steps == 0;
        if (!aligned || named.steps > end - start) continue;
        pieces_.push_back({start, named.steps, named.value});
        start += named.steps;
        break;
      }
    }
  }

  void plain(int start, int end) {
    if (const auto value = plain_value(end - start); value && allowed(start, end)) {
      pieces_.push_back({start, end - start, *value});
      return;
    }
    const int cut = strongest_boundary(start, end);
    plain(start, cut);
    plain(cut, end);
  }

  [[nodiscard]] bool allowed(int start, int end) const {
    const Group group = group_at(start, shape_.beats());
    if (end > group.end) return start == 0 && end == shape_.length() && kind_ == SpanKind::note;
    return kind_ == SpanKind::note ? note_allowed(start, end, group) : rest_allowed(start, end, group);
  }

  static bool note_allowed(int start, int end, const Group& group) {
    const int length = end - start, within = start % kBeat;
    const auto middle = group.middle();
    const bool hides_middle = middle && start < *middle && end > *middle && start != group.start && end != group.end;
    if (within + length <= kBeat) return length != 9 || within == 0 || within == kSixteenth;
    if (within == kHalfBeat) return (length == 12 || length == 18) && !(middle && start < *middle && end > *middle);
    if (within != 0) return false;
    if (length == 18) return !(middle && start < *middle && end > *middle);
    return !hides_middle || length == 24;
  }

  static bool rest_allowed(int start, int end, const Group& group) {
    const int length = end - start;
    if (start == group.start && end == group.end && length == 48) return true;
    if (length == 24) return group.middle() && (start == group.start || start == *group.middle());
    if (length == 12) return start % kBeat == 0;
    if (length == 6) return start % kHalfBeat == 0;
    return length == 3;
  }

  /// Where a span that needs several values is cut: at the strongest place of the bar inside it.
  [[nodiscard]] int strongest_boundary(int start, int end) const {
    for (const int beat : group_starts(shape_.beats())) {
      if (const int place = beat * kBeat; place > start && place < end) return place;
    }
    const auto middle = group_at(start, shape_.beats()).middle();
    if (middle && *middle > start && *middle < end) return *middle;
    for (const int unit : {kBeat, kHalfBeat, kSixteenth}) {
      const int first = (start / unit + 1) * unit, last = (end - 1) / unit * unit;
      if (first >= end) continue;
      return start % unit == 0 ? last : first;
    }
    return start + 1;
  }

  const BarShape& shape_;
  SpanKind kind_;
  std::vector<ValuePiece> pieces_;
};

}  // namespace

const char* type_name(const NoteValue& value) {
  static constexpr std::array<const char*, 12> kNames = {"1024th", "512th",  "256th",   "128th", "64th",  "32nd",
                                                         "16th",   "eighth", "quarter", "half",  "whole", "breve"};
  return kNames[static_cast<std::size_t>(std::clamp(value.power, kLeastPower, 3) - kLeastPower)];
}

std::vector<int> group_starts(int beats) {
  if (beats == 5 || beats == 6) return {0, 3};
  if (beats == 7) return {0, 4};
  std::vector<int> starts;
  for (int beat = 0; beat < beats; beat += 4) starts.push_back(beat);
  return starts;
}

bool BarShape::is_plain() const {
  if (divisions != kBeat) return false;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] != static_cast<int>(i) * kBeat) return false;
  }
  return std::all_of(tuplets.begin(), tuplets.end(), [](const NoteValue& t) { return t.actual == 1 || t.actual == 3; });
}

BarShape bar_shape(int beats, std::span<const int> boundaries) {
  std::vector<int> places;
  for (int beat = 0; beat <= beats; ++beat) places.push_back(beat * kBeat);
  return bar_shape(kBeat, std::move(places), boundaries);
}

std::vector<ValuePiece> split_span(int start, int end, const BarShape& shape, SpanKind kind) {
  return shape.is_plain() ? Splitter(shape, kind).run(start, end) : split_freely(start, end, shape, kind);
}

}  // namespace pop2piano
