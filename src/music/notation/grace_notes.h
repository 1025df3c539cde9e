// SPDX-License-Identifier: MIT
// Grace notes on the page: each stands before the chord that holds its main note.
#pragma once

#include <pop2piano/score.h>

#include <map>
#include <span>
#include <vector>

#include "music/notation/notation.h"

namespace pop2piano {

class GraceNotes {
 public:
  /// `notes` as sort_notes() leaves them: WrittenNote::source counts them. `names` [score.graces].
  GraceNotes(const Score& score, std::span<const Note> notes, std::span<const SpelledPitch> names);

  /// Puts those of the bar's notes before their chords.
  void put(WrittenBar& bar);

 private:
  std::map<int, std::vector<WrittenGrace>> waiting_;  // by source
};

/// [graces] as notes of no length, to find names for them.
[[nodiscard]] std::vector<Note> notes_of(std::span<const GraceNote> graces);

}  // namespace pop2piano
