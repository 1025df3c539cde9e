// SPDX-License-Identifier: MIT
// A song to write for: chords and a melody in 4/4 that come back every eight bars.
#pragma once

#include "writing/writer/writer_song.h"

namespace pop2piano::testing {

inline BeatChord major(int root, int bass = -1) {
  const auto set = static_cast<unsigned>(1U << root | 1U << (root + 4) % 12 | 1U << (root + 7) % 12);
  return {.kind = BeatChord::Kind::chord,
          .root = root,
          .bass = bass < 0 ? root : bass,
          .pitch_classes = static_cast<std::uint16_t>(set)};
}

inline WriterSong made_up_song(int beats, int salt = 0) {
  constexpr int kRoots[] = {0, 7, 9, 5, 2, 7, 0, 4};
  WriterSong song;
  for (int b = 0; b < beats; ++b) {
    const int bar = b / 4 % 8;
    song.beat_numbers.push_back(b % 4 + 1);
    song.chords.push_back(major(kRoots[bar]));
    song.melody.push_back({.onset = b * kStepsPerBeat,
                           .duration = 6,
                           .pitch = static_cast<std::int16_t>(64 + (5 * bar + b % 4 + salt) % 12),
                           .voice = Voice::melody});
  }
  return song;
}

}  // namespace pop2piano::testing
