// SPDX-License-Identifier: MIT
// The tune of a song of a genre: phrases whose rhythms come again, often begun before the bar line, sung, spoken or
// played.
#pragma once

#include <vector>

#include "learning/genres/song_form.h"
#include "learning/studio/arrangement.h"

namespace pop2piano {

struct TuneNote {
  std::size_t bar = 0;
  double at = 0, length = 1;  ///< beats in the bar, unswung
  int pitch = 60;
};

struct TuneKey {
  int pitch_class = 0;
  bool minor = false;
};

/// A tune over the chords of `song`.
[[nodiscard]] std::vector<TuneNote> write_tune(const SongForm& form, const SymbolicSong& song, TuneKey key,
                                               Random& random);
/// The song's own melody in the form's bars.
[[nodiscard]] std::vector<TuneNote> tune_of(const SongForm& form, const SymbolicSong& song);
/// Adds a voice or a track that carries the tune, and Arrangement::lead.
void perform_tune(const Genre& genre, const SongForm& form, const std::vector<TuneNote>& notes, std::size_t font_count,
                  Random& random, Arrangement& out);

}  // namespace pop2piano
