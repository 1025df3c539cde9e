// SPDX-License-Identifier: MIT
// Where a section comes again: each of its beats and the beat of an earlier visit that it repeats.
#pragma once

#include <span>
#include <vector>

#include "writing/writer/writer_song.h"

namespace pop2piano {

/// Beats [first_beat, end_beat) of the song; passages of one letter are visits of the same section.
struct SectionVisit {
  int first_beat = 0, end_beat = 0, letter = 0;
};

/// As WriterSong::returns. Each visit repeats the earlier one with which most chords agree, moved against it by up to
/// two bars; of equal ones the first, moved least. Only beats at the same place in the bar are paired.
[[nodiscard]] std::vector<int> returning_beats(const WriterSong& song, std::span<const SectionVisit> visits);

}  // namespace pop2piano
