// SPDX-License-Identifier: MIT
#include "judging/metrics/chord_metrics.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace pop2piano {
namespace {

struct Span {
  double start, end;
};

void validate(std::span<const LabelledChord> chords, const char* what) {
  for (std::size_t i = 0; i < chords.size(); ++i) {
    const LabelledChord& chord = chords[i];
    const bool ordered = i == 0 || chord.start >= chords[i - 1].end;
    if (std::isfinite(chord.start) && std::isfinite(chord.end) && chord.start < chord.end && ordered) continue;
    throw Error(ErrorCode::invalid_argument, std::string(what) + " chords: interval " + std::to_string(i + 1) +
                                                 " from " + std::to_string(chord.start) + " to " +
                                                 std::to_string(chord.end) +
                                                 " s: expected start before end, in order, without overlap");
  }
}

// Cut to [start, end]; N before the first and after the last. Gaps inside stay: the chord before them holds.
std::vector<LabelledChord> adjusted(std::span<const LabelledChord> chords, double start, double end) {
  std::vector<LabelledChord> result;
  for (const LabelledChord& chord : chords) {
    const LabelledChord cut{std::max(chord.start, start), std::min(chord.end, end), chord.label};
    if (cut.start < cut.end) result.push_back(cut);
  }
  if (result.empty()) return {{start, end, "N"}};
  if (result.front().start > start) result.insert(result.begin(), {start, result.front().start, "N"});
  if (result.back().end < end) result.push_back({result.back().end, end, "N"});
  return result;
}

// Neighbours that are the same chord, upper voices included, become one interval.
std::vector<Span> merged(std::span<const LabelledChord> chords) {
  std::vector<Span> spans;
  Chord previous;
  for (const LabelledChord& chord : chords) {
    const Chord current = parse_chord(chord.label, ChordExtensions::folded);
    if (!spans.empty() && current == previous) {
      spans.back().end = chord.end;
    } else {
      spans.push_back({chord.start, chord.end});
    }
    previous = current;
  }
  return spans;
}

double directional_hamming_distance(std::span<const Span> from, std::span<const Span> to) {
  std::vector<double> borders;
  for (const Span& span : to) borders.insert(borders.end(), {span.start, span.end});
  std::sort(borders.begin(), borders.end());
  double outside = 0.0;
  for (const Span& span : from) {
    double last = span.start, longest = 0.0;
    for (auto b = std::lower_bound(borders.begin(), borders.end(), span.start); b != borders.end() && *b < span.end;
         ++b) {
      longest = std::max(longest, *b - last);
      last = *b;
    }
    outside += span.end - span.start - std::max(longest, span.end - last);
  }
  return outside / (from.back().end - from.front().start);
}

enum class Agreement { no, yes, not_covered };

constexpr unsigned kTriadBits = 0xFF;  // up to the fifth and its alteration
const std::bitset<12> kMajor{0b000010010001}, kMinor{0b000010001001};

bool same_notes(const Chord& a, const Chord& b, unsigned bits) {
  return a.root == b.root && a.unknown == b.unknown && ((a.intervals ^ b.intervals) & std::bitset<12>(bits)).none();
}

bool is_none(const Chord& chord) { return chord.root < 0 && !chord.unknown; }

bool is_major_or_minor(const Chord& chord) {
  const auto triad = chord.intervals & std::bitset<12>(kTriadBits);
  return chord.root >= 0 && (triad == kMajor || triad == kMinor);
}

bool is_common_seventh(const Chord& chord) {
  constexpr std::array<unsigned, 5> kShapes = {0b000010010001, 0b000010001001, 0b100010010001, 0b010010010001,
                                               0b010010001001};  // maj, min, maj7, 7, min7; bit 0 = root
  return chord.root >= 0 && std::any_of(kShapes.begin(), kShapes.end(),
                                        [&](unsigned shape) { return chord.intervals == std::bitset<12>(shape); });
}

Agreement agreement(bool same) { return same ? Agreement::yes : Agreement::no; }

Agreement compare_root(const Chord& a, const Chord& b) {
  return a.unknown ? Agreement::not_covered : agreement(a.root == b.root);
}
Agreement compare_thirds(const Chord& a, const Chord& b) {
  if (a.unknown) return Agreement::not_covered;
  return agreement(a.root == b.root && !b.unknown && a.intervals[3] == b.intervals[3]);
}
Agreement compare_triads(const Chord& a, const Chord& b) {
  return a.unknown ? Agreement::not_covered : agreement(same_notes(a, b, kTriadBits));
}
Agreement compare_tetrads(const Chord& a, const Chord& b) {
  return a.unknown ? Agreement::not_covered : agreement(same_notes(a, b, 0xFFF));
}
Agreement compare_majmin(const Chord& a, const Chord& b) {
  return is_none(a) || is_major_or_minor(a) ? agreement(same_notes(a, b, kTriadBits)) : Agreement::not_covered;
}
Agreement compare_sevenths(const Chord& a, const Chord& b) {
  return is_none(a) || is_common_seventh(a) ? agreement(same_notes(a, b, 0xFFF)) : Agreement::not_covered;
}

// A stretch of time in which neither side changes.
struct Stretch {
  double seconds;
  Chord reference, estimate;
};

std::vector<Stretch> common_stretches(std::span<const LabelledChord> reference,
                                      std::span<const LabelledChord> estimate) {
  std::vector<double> borders;
  for (const auto chords : {reference, estimate}) {
    for (const LabelledChord& chord : chords) borders.insert(borders.end(), {chord.start, chord.end});
  }
  std::sort(borders.begin(), borders.end());
  borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
  const auto label_at = [](std::span<const LabelledChord> chords, double time) -> const std::string& {
    const auto next = std::upper_bound(chords.begin(), chords.end(), time,
                                       [](double t, const LabelledChord& chord) { return t < chord.start; });
    return (next - 1)->label;
  };
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
    stretches.push_back({borders[i + 1] - borders[i], parse_chord(label_at(reference, borders[i])),
                         parse_chord(label_at(estimate, borders[i]))});
  }
  return stretches;
}

Measure weighted_share(std::span<const Stretch> stretches, Agreement (*compare)(const Chord&, const Chord&)) {
  double agreed = 0.0, covered = 0.0;
  for (const Stretch& stretch : stretches) {
    const Agreement result = compare(stretch.reference, stretch.estimate);
    if (result == Agreement::not_covered) continue;
    covered += stretch.seconds;
    if (result == Agreement::yes) agreed += stretch.seconds;
  }
  return covered > 0.0 ? Measure(agreed / covered) : Measure::undefined("no reference chord that the rule covers");
}

}  // namespace

ChordScores compare_chords(std::span<const LabelledChord> reference, std::span<const LabelledChord> estimate) {
  validate(reference, "reference");
  validate(estimate, "estimated");
  if (reference.empty()) {
    const Measure none = Measure::undefined("the reference has no chords");
    return {none, none, none, none, none, none, none, none, none};
  }
  const auto fitted = adjusted(estimate, reference.front().start, reference.back().end);
  const auto stretches = common_stretches(reference, fitted);
  const auto expected = merged(reference), found = merged(fitted);
  const double over = 1.0 - directional_hamming_distance(expected, found);
  const double under = 1.0 - directional_hamming_distance(found, expected);
  return {weighted_share(stretches, compare_root),
          weighted_share(stretches, compare_thirds),
          weighted_share(stretches, compare_triads),
          weighted_share(stretches, compare_tetrads),
          weighted_share(stretches, compare_majmin),
          weighted_share(stretches, compare_sevenths),
          over,
          under,
          std::min(over, under)};
}

}  // namespace pop2piano
