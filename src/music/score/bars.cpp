// SPDX-License-Identifier: MIT
#include "music/score/bars.h"

#include <algorithm>
#include <iterator>

namespace pop2piano {
namespace {

constexpr int kMaxWrittenBeats = 4096;

int prevailing_metre(const BeatGrid& grid) { return std::clamp(grid.beats_per_bar, 1, kMaxBeatsPerBar); }

void append_bar(std::vector<Bar>& bars, const BeatGrid& grid, int first, int beats, int metre) {
  while (grid.metres.empty() && beats > kMaxBeatsPerBar) {
    bars.push_back({first, metre, false});
    first += metre;
    beats -= metre;
  }
  bars.push_back({first, beats, false});
}

}  // namespace

Metre metre_of(const BeatGrid& grid, const Bar& bar) {
  if (grid.metres.empty()) return {bar.pickup ? prevailing_metre(grid) : bar.beats, 4};
  const auto after = std::upper_bound(grid.metres.begin(), grid.metres.end(), bar.first_beat,
                                      [](int beat, const MetreSpan& span) { return beat < span.first_beat; });
  const MetreSpan& span = after == grid.metres.begin() ? *after : *std::prev(after);
  return {span.numerator, span.denominator};
}

int written_length(const BeatGrid& grid, const Bar& bar) {
  int length = 0;
  for (int i = 0; i < bar.beats; ++i) length += beat_length(grid, bar.first_beat + i);
  return length;
}

int beat_number(const BeatGrid& grid, int beat) {
  const auto size = static_cast<int>(grid.numbers.size());
  if (beat >= 0 && beat < size) return grid.numbers[static_cast<std::size_t>(beat)];
  const int metre = std::max(1, grid.beats_per_bar);
  if (size == 0) return ((beat % metre) + metre) % metre + 1;
  if (beat >= size) {
    const int last = std::min(grid.numbers.back(), metre);
    return (last - 1 + beat - (size - 1)) % metre + 1;
  }
  const int first = grid.numbers.front();
  if (first + beat >= 1) return first + beat;
  return metre - ((-beat - first) % metre);
}

std::vector<Bar> bars_between(const BeatGrid& grid, int first_beat, int last_beat) {
  std::vector<Bar> bars;
  const int metre = prevailing_metre(grid);
  int start = first_beat;
  for (int beat = first_beat + 1; start < last_beat; ++beat) {
    const bool complete = beat >= last_beat && beat - start >= metre;  // no downbeat comes any more
    if (beat_number(grid, beat) != 1 && !complete) continue;
    append_bar(bars, grid, start, beat - start, metre);
    start = beat;
  }
  const int number = beat_number(grid, first_beat);
  bars.front().pickup = number != 1 && bars.front().beats < metre;
  if (!grid.metres.empty() && first_beat == 0) {  // a pickup may have as many beats as a full bar: an eighth in 3/8
    const bool shorter = written_length(grid, bars.front()) < metre_of(grid, bars.front()).length();
    bars.front().pickup = bars.front().pickup || shorter;
  }
  return bars;
}

int bar_start(const BeatGrid& grid, int beat) {
  const int longest = grid.metres.empty() ? kMaxBeatsPerBar : kMaxWrittenBeats;
  for (int back = 0; back < longest; ++back) {
    if (beat_number(grid, beat - back) == 1) return beat - back;
  }
  return beat;
}

}  // namespace pop2piano
