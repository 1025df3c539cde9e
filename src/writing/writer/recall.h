// SPDX-License-Identifier: MIT
// Where a song comes back: for a passage the earlier one that is most like it in chords and melody.
#pragma once

#include <optional>
#include <vector>

#include "writing/writer/writer_song.h"

namespace pop2piano {

/// Finds like passages of one song. Immutable; borrows nothing.
class Recall {
 public:
  explicit Recall(const WriterSong& song);

  /// First beat of the passage of `beats` beats most like the one from `first_beat` on: at least kLeastDistance beats
  /// before it, at the same place in the bar, within the song and from `from_beat` on; of equally like ones the
  /// latest. Nothing where none is alike enough.
  [[nodiscard]] std::optional<int> like(int first_beat, int beats, int from_beat = 0) const;

  static constexpr int kLeastDistance = 16;  ///< beats

 private:
  struct Beat {
    int number = 1;
    BeatChord chord;
    unsigned onsets = 0;   // of the melody, bit = step of the beat
    unsigned pitches = 0;  // of these onsets, bit = pitch class
  };
  [[nodiscard]] double likeness(int a, int b, int beats) const;

  std::vector<Beat> beats_;
};

}  // namespace pop2piano
