// SPDX-License-Identifier: MIT
#include "music/score/compound.h"

#include <algorithm>
#include <map>

#include "music/score/bars.h"

namespace pop2piano {
namespace {

constexpr std::int16_t kDottedQuarter = 3 * kQuarterLength / 2;
constexpr int kThird = kStepsPerBeat / 3;
constexpr int kLeastBeats = 16;

}  // namespace

bool has_dotted_beats(std::span<const Note> notes) {
  constexpr unsigned kFirst = 1U << kThird, kThirds = kFirst | 1U << (2 * kThird);
  std::map<int, unsigned> within;  // beat -> bit for each step behind its start
  for (const Note& note : notes) {
    const int beat = beat_of_step(note.onset), step = note.onset - beat * kStepsPerBeat;
    if (step != 0) within[beat] |= 1U << step;
  }
  int thirds = 0, first = 0;
  for (const auto& [beat, steps] : within) {
    if ((steps & ~kThirds) != 0) continue;
    ++thirds;
    first += (steps & kFirst) != 0 ? 1 : 0;
  }
  return thirds >= kLeastBeats && 3 * thirds >= 2 * static_cast<int>(within.size()) && 3 * first >= thirds;
}

void write_dotted_beats(BeatGrid& grid) {
  std::vector<MetreSpan> metres;
  std::vector<int> numbers = grid.numbers;
  for (const Bar& bar : bars_between(grid, 0, static_cast<int>(grid.size()))) {
    const Metre metre = metre_of(grid, bar);
    const MetreSpan span{bar.first_beat, 3 * metre.numerator, 8};
    const bool changes = metres.empty() || metres.back().numerator != span.numerator;
    if (changes) metres.push_back(span);
    if (bar.first_beat > 0) numbers[static_cast<std::size_t>(bar.first_beat)] = 1;  // a bar that was cut
  }
  grid.numbers = std::move(numbers);
  grid.metres = std::move(metres);
  grid.lengths.assign(grid.size(), kDottedQuarter);
}

}  // namespace pop2piano
