// SPDX-License-Identifier: MIT
// Where in a recording the moments of a score come: nothing to do, a constant shift, or time warping of their harmony
// and onsets. The score may be in another key.
#pragma once

#include <pop2piano/audio.h>
#include <pop2piano/score.h>

#include "music/score/time_map.h"

namespace pop2piano {

struct SongAlignment {
  TimeMap time;         ///< from the score's seconds to the recording's
  double shift = 0.0;   ///< seconds, the median
  double spread = 0.0;  ///< seconds that the shift varies around it; small: the score keeps the recording's time
  bool warped = false;  ///< the score has a time of its own
};

/// Bounded: of recordings and scores the first hour is compared.
[[nodiscard]] SongAlignment align_with_song(const Score& score, const Recording& recording, int threads);

}  // namespace pop2piano
