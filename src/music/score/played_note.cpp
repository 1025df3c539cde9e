// SPDX-License-Identifier: MIT
#include "music/score/played_note.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

namespace pop2piano {

std::vector<PlayedNote> sorted_by_onset(std::span<const PlayedNote> notes) {
  std::vector<PlayedNote> sorted(notes.begin(), notes.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const PlayedNote& a, const PlayedNote& b) {
    return std::tie(a.onset, a.pitch) < std::tie(b.onset, b.pitch);
  });
  return sorted;
}

void validate_played_notes(std::span<const PlayedNote> notes, const char* what) {
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const PlayedNote& note = notes[i];
    if (std::isfinite(note.onset) && std::isfinite(note.offset) && std::isfinite(note.pitch) &&
        note.offset >= note.onset) {
      continue;
    }
    throw Error(ErrorCode::invalid_argument, std::string(what) + ": note " + std::to_string(i + 1) + " from " +
                                                 std::to_string(note.onset) + " to " + std::to_string(note.offset) +
                                                 " s: expected finite times, the end not before the start");
  }
}

}  // namespace pop2piano
