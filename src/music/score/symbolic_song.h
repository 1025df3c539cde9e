// SPDX-License-Identifier: MIT
// A song as notes and chords on beats: what a band is arranged from and what the piano should play.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <string>
#include <vector>

namespace pop2piano {

/// Times in beats of the song's grid (fractional).
struct SymbolicNote {
  double onset = 0, offset = 0;  ///< beats
  int pitch = 60;                ///< MIDI
  int velocity = 80;             ///< 1..127
};

struct SongChord {
  double start = 0, end = 0;        ///< beats
  int root = -1;                    ///< pitch class; -1: no chord
  int bass = -1;                    ///< pitch class; -1: no chord
  std::uint16_t pitch_classes = 0;  ///< bit 0 = C
};

struct SymbolicSong {
  std::string name;  ///< "pop909/001"
  std::string source, licence;
  BeatGrid grid;
  std::vector<SymbolicNote> melody, bridge, piano;  // each ordered by onset
  std::vector<SongChord> chords;                    // ordered, not overlapping
};

/// The same seconds counted on other beats: every position is mapped through the time it stands for.
[[nodiscard]] SymbolicSong on_grid(const SymbolicSong& song, BeatGrid grid);

/// Beats halved, each bar becoming two; positions double.
[[nodiscard]] SymbolicSong double_time(const SymbolicSong& song);

/// Every second beat, counted from the downbeats; two bars become one. Songs with irregular bars are returned as is.
[[nodiscard]] SymbolicSong half_time(const SymbolicSong& song);

[[nodiscard]] SymbolicSong transposed(const SymbolicSong& song, int semitones);

/// The chord that sounds at `beat`; nullptr where there is none.
[[nodiscard]] const SongChord* chord_at(const SymbolicSong& song, double beat);

}  // namespace pop2piano
