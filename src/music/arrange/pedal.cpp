// SPDX-License-Identifier: MIT
#include "music/arrange/pedal.h"

#include "music/score/bars.h"

namespace pop2piano {

std::vector<PedalSpan> pedal_spans(std::span<const ChordSpan> chords, const BeatGrid& grid) {
  std::vector<PedalSpan> spans;
  for (const ChordSpan& chord : chords) {
    if (chord.quality == ChordQuality::none) continue;
    const int end = chord.first_beat + chord.beats;
    for (int from = chord.first_beat; from < end;) {
      int to = from + 1;
      while (to < end && beat_number(grid, to) != 1) ++to;
      spans.push_back({from * kStepsPerBeat, to * kStepsPerBeat});
      from = to;
    }
  }
  return spans;
}

}  // namespace pop2piano
