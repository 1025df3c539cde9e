// SPDX-License-Identifier: MIT
// Covers whose truth is known: a song's arrangement, with bars cut or played once more, in another tempo and key.
#pragma once

#include <vector>

#include "base/core/random.h"
#include "learning/dataset/song_record.h"
#include "music/score/played_note.h"

namespace pop2piano::bench {

struct DrawnCover {
  std::vector<PlayedNote> notes;   ///< by onset
  std::vector<double> song_times;  ///< [notes] seconds in the recording
  std::vector<double> bars;        ///< seconds in the cover at which its bars begin, that sound
  std::vector<double> song_bars;   ///< [bars] seconds in the recording
  int transposition = 0;           ///< semitones by which the notes must be raised to be in the song's key
  bool cut = false, rubato = false;
};

/// Tempo curve of up to 15 % to either side; every third song in another key (-5..6), every third with 8 to 32 bars cut
/// or played once more, every tenth with beats that come early or late by up to 40 ms beside the curve.
[[nodiscard]] DrawnCover draw_cover(const SongDescription& song, Random random);

}  // namespace pop2piano::bench
