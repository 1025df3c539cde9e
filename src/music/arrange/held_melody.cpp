// SPDX-License-Identifier: MIT
#include "music/arrange/held_melody.h"

#include <algorithm>

#include "music/score/bars.h"
#include "music/score/clean_notes.h"

namespace pop2piano {
namespace {

constexpr int kSixteenth = kStepsPerBeat / 4;

using Row = std::vector<std::size_t>;  // indices of notes, by onset

/// The top notes of the melody, ordered, as rows of one pitch. Expects sorted notes.
std::vector<Row> rows_of(const std::vector<Note>& notes) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (notes[i].voice != Voice::melody) continue;
    const Note* before = rows.empty() ? nullptr : &notes[rows.back().back()];
    if (before != nullptr && before->onset == notes[i].onset) continue;  // the highest comes first
    const bool again = before != nullptr && before->pitch == notes[i].pitch &&
                       notes[i].onset - before->onset < kStepsPerBeat &&
                       notes[i].onset - before->offset() <= kSixteenth;
    if (!again) rows.emplace_back();
    rows.back().push_back(i);
  }
  return rows;
}

bool is_long(const Row& row) { return row.size() > static_cast<std::size_t>(kLongestRow); }

bool on_downbeat(const BeatGrid& grid, int step) {
  return step % kStepsPerBeat == 0 && beat_number(grid, beat_of_step(step)) == 1;
}

}  // namespace

std::vector<NoteChange> hold_repeated_melody(std::vector<Note>& notes, const BeatGrid& grid) {
  sort_notes(notes);
  std::vector<NoteChange> changes;
  for (const Row& row : rows_of(notes)) {
    if (!is_long(row)) continue;
    Note* held = &notes[row.front()];
    for (auto index = row.begin() + 1; index != row.end(); ++index) {
      Note& note = notes[*index];
      if (on_downbeat(grid, note.onset)) {
        held->duration = note.onset - held->onset;
        held = &note;
        continue;
      }
      changes.push_back({ChangeKind::dropped, ChangeReason::held, note, note});
      held->duration = note.offset() - held->onset;
      note.duration = 0;
    }
  }
  if (changes.empty()) return changes;
  std::erase_if(notes, [](const Note& note) { return note.duration == 0; });
  clean_notes(notes);
  return changes;
}

double share_in_long_rows(std::vector<Note> notes) {
  sort_notes(notes);
  std::size_t melody = 0, inside = 0;
  for (const Row& row : rows_of(notes)) {
    melody += row.size();
    inside += is_long(row) ? row.size() : 0;
  }
  return melody == 0 ? 0.0 : static_cast<double>(inside) / static_cast<double>(melody);
}

}  // namespace pop2piano
