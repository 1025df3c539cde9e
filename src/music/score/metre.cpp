// SPDX-License-Identifier: MIT
#include "music/score/metre.h"

#include <algorithm>
#include <map>

namespace pop2piano {
namespace {

constexpr int kWhole = 64;  // 64th notes
using Lengths = std::vector<std::int16_t>;

Lengths equal_beats(int count, int length) {
  return Lengths(static_cast<std::size_t>(count), static_cast<std::int16_t>(length));
}

/// The last beats of a full bar, cut so that they last as long.
Lengths end_of_bar(const Lengths& full, int length) {
  Lengths beats;
  for (auto beat = full.rbegin(); length > 0; ++beat) {
    beats.push_back(std::min<std::int16_t>(*beat, static_cast<std::int16_t>(length)));
    length -= beats.back();
  }
  std::reverse(beats.begin(), beats.end());
  return beats;
}

/// The first beats of a bar, over and over where it is too long; what is left is a beat of its own.
Lengths start_of_bar(const Lengths& full, int length) {
  Lengths beats;
  for (std::size_t i = 0; length > 0; ++i) {
    const int beat = std::min<int>(full[i % full.size()], length);
    beats.push_back(static_cast<std::int16_t>(beat));
    length -= beat;
  }
  return beats;
}

int most_frequent(const std::map<int, int>& counts, int otherwise) {
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](auto& a, auto& b) { return a.second < b.second; });
  return most == counts.end() ? otherwise : most->first;
}

void append_numbers(std::vector<int>& numbers, int first, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(first + static_cast<int>(i));
}

}  // namespace

bool is_metre(int numerator, int denominator) {
  constexpr int kMostBeats = 255, kShortest = 64;
  const bool power = denominator >= 1 && denominator <= kShortest && (denominator & (denominator - 1)) == 0;
  return power && numerator >= 1 && numerator <= kMostBeats;
}

Metre metre_of_length(int length, int denominator) {
  while (denominator < kWhole && length % (kWhole / denominator) != 0) denominator *= 2;
  return {std::clamp(length * denominator / kWhole, 1, 255), denominator};
}

Lengths beats_of(const Metre& metre) {
  auto [count, denominator] = metre;
  const int unit = kWhole / denominator;
  if (unit >= kQuarterLength) return equal_beats(count * unit / kQuarterLength, kQuarterLength);
  if (count % 3 == 0) return equal_beats(count / 3, 3 * unit);
  if (count % 2 == 0) return beats_of({count / 2, denominator / 2});
  if (count == 1) return equal_beats(1, unit);
  Lengths beats = equal_beats((count - 1) / 2, 2 * unit);
  (count == 5 ? beats.front() : beats.back()) = static_cast<std::int16_t>(3 * unit);
  return beats;
}

BeatGrid beats_of_bars(std::span<const PlannedBar> bars) {
  BeatGrid grid;
  std::map<int, int> counts;
  int missing = 0;  // from the bar before, which was too short
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const PlannedBar& bar = bars[i];
    const auto first = static_cast<int>(grid.numbers.size());
    const bool changes = i == 0 || bar.metre != bars[i - 1].metre;
    if (changes) grid.metres.push_back({first, bar.metre.numerator, bar.metre.denominator});
    const Lengths full = beats_of(bar.metre);
    const bool pickup = i == 0 && bar.length < bar.metre.length();
    const bool rest_of_bar = !changes && missing > 0 && bar.length == missing;
    const Lengths beats = pickup || rest_of_bar ? end_of_bar(full, bar.length) : start_of_bar(full, bar.length);
    missing = rest_of_bar || i == 0 ? 0 : std::max(0, bar.metre.length() - bar.length);
    append_numbers(grid.numbers, pickup ? static_cast<int>(full.size() - beats.size()) + 1 : 1, beats.size());
    grid.lengths.insert(grid.lengths.end(), beats.begin(), beats.end());
    ++counts[static_cast<int>(beats.size())];
  }
  grid.beats_per_bar = most_frequent(counts, 4);
  grid.numbers.push_back(1);
  grid.lengths.push_back(bars.empty() ? kQuarterLength : beats_of(bars.back().metre).front());
  const bool quarters = std::all_of(grid.lengths.begin(), grid.lengths.end(),
                                    [](std::int16_t length) { return length == kQuarterLength; });
  if (quarters) grid.lengths.clear();
  return grid;
}

int beat_length(const BeatGrid& grid, int beat) {
  if (grid.lengths.empty()) return kQuarterLength;
  const auto last = static_cast<int>(grid.lengths.size()) - 1;
  return grid.lengths[static_cast<std::size_t>(std::clamp(beat, 0, last))];
}

int usual_beat_length(const BeatGrid& grid) {
  std::map<int, int> counts;
  for (const std::int16_t length : grid.lengths) ++counts[length];
  return most_frequent(counts, kQuarterLength);
}

double quarters_per_minute(const BeatGrid& grid) {
  if (grid.lengths.empty()) return grid.tempo();
  std::vector<double> tempos;
  for (std::size_t i = 0; i + 1 < grid.size(); ++i) {
    tempos.push_back(60.0 * grid.lengths[i] / kQuarterLength / (grid.times[i + 1] - grid.times[i]));
  }
  const auto middle = tempos.begin() + static_cast<std::ptrdiff_t>(tempos.size() / 2);
  std::nth_element(tempos.begin(), middle, tempos.end());
  return *middle;
}

std::vector<int> beat_starts(const BeatGrid& grid) {
  std::vector<int> starts = {0};
  for (int beat = 0; beat < static_cast<int>(grid.numbers.size()); ++beat) {
    starts.push_back(starts.back() + beat_length(grid, beat));
  }
  return starts;
}

}  // namespace pop2piano
