// SPDX-License-Identifier: MIT
// What the signs of an ABC tune say, in whole notes from its start, on the way to a lead sheet.
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "music/leadsheets/abc_fields.h"
#include "music/leadsheets/lead_sheet.h"

namespace pop2piano {

/// A sounding note.
struct AbcNote {
  double start = 0.0, length = 0.0;
  int pitch = 60;
};

struct AbcMusic {
  std::vector<AbcNote> notes;       ///< in the order in which they begin
  std::vector<PlacedChord> chords;  ///< their beats are whole notes here
  std::vector<double> bars;         ///< where bars begin behind the first
  double length = 0.0;

  /// Throws Error(unsupported) naming `what`: too many notes, too long.
  void check_size(const std::string& what) const;
};

/// Everything as often as it is played; the marks' beats are in kAbcPlaces of a whole note. Throws as check_size() and
/// playing_order().
[[nodiscard]] AbcMusic played_out(const AbcMusic& music, std::span<const RepeatMark> marks, const std::string& what);

/// `tempo`: quarters a minute, 0: none is written. The sheet has no title.
[[nodiscard]] LeadSheet sheet_of(const AbcMusic& music, const AbcMetre& metre, double tempo);

}  // namespace pop2piano
