// SPDX-License-Identifier: MIT
// The tune of a song of a genre: phrases whose rhythms come again, often begun before the bar line, sung, spoken or
// played.
#pragma once

#include "learning/genres/song_form.h"
#include "learning/studio/arrangement.h"

namespace pop2piano {

struct TuneOptions {
  int key = 0;  ///< pitch class
  bool minor = false;
  std::size_t font_count = 1;
};

/// Adds song.melody, lead and the track or voice. The chords must be there.
void add_tune(const Genre& genre, const SongForm& form, const TuneOptions& options, Random& random, Arrangement& out);

}  // namespace pop2piano
