// SPDX-License-Identifier: MIT
#include "writing/writer/returns.h"

#include <algorithm>
#include <cstddef>

namespace pop2piano {
namespace {

constexpr int kMostBars = 2;  // by which a visit may be moved against the earlier one

// Calls `pair(beat, earlier)` for the beats that meet when `visit` is laid on `earlier`, its first beat `moved` behind.
template <typename Pair>
void for_each_pair(const WriterSong& song, const SectionVisit& visit, const SectionVisit& earlier, int moved,
                   const Pair& pair) {
  const int distance = visit.first_beat - earlier.first_beat - moved;
  for (int beat = visit.first_beat; beat < visit.end_beat; ++beat) {
    const int from = beat - distance;
    if (from < earlier.first_beat || from >= earlier.end_beat || from >= visit.first_beat) continue;
    if (song.beat_numbers[static_cast<std::size_t>(from)] == song.beat_numbers[static_cast<std::size_t>(beat)])
      pair(beat, from);
  }
}

int agreeing(const WriterSong& song, const SectionVisit& visit, const SectionVisit& earlier, int moved) {
  int count = 0;
  for_each_pair(song, visit, earlier, moved, [&](int beat, int from) {
    const BeatChord& a = song.chords[static_cast<std::size_t>(beat)];
    const BeatChord& b = song.chords[static_cast<std::size_t>(from)];
    if (a.kind == b.kind && a.root == b.root && a.bass == b.bass) ++count;
  });
  return count;
}

}  // namespace

std::vector<int> returning_beats(const WriterSong& song, std::span<const SectionVisit> visits) {
  std::vector<int> returns(song.beat_numbers.size(), -1);
  for (std::size_t i = 0; i < visits.size(); ++i) {
    const SectionVisit* best = nullptr;
    int most = 0, best_moved = 0;
    for (const SectionVisit& earlier : visits.first(i)) {
      if (earlier.letter != visits[i].letter) continue;
      for (int step = 0; step <= 2 * kMostBars; ++step) {  // 0, 1, -1, 2, -2 bars
        const int moved = (step % 2 == 1 ? step / 2 + 1 : -step / 2) * song.beats_per_bar;
        const int count = agreeing(song, visits[i], earlier, moved);
        if (count <= most) continue;
        most = count;
        best = &earlier;
        best_moved = moved;
      }
    }
    if (best == nullptr) continue;
    for_each_pair(song, visits[i], *best, best_moved,
                  [&](int beat, int from) { returns[static_cast<std::size_t>(beat)] = from; });
  }
  return returns;
}

}  // namespace pop2piano
