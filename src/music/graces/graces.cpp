// SPDX-License-Identifier: MIT
#include "music/graces/graces.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace pop2piano {
namespace {

constexpr int kHighestPitch = 127;

using Place = std::pair<int, int>;  // onset, pitch

}  // namespace

std::size_t drop_lost_graces(Score& score) {
  if (score.graces.empty()) return 0;
  std::set<Place> places;
  for (const Note& note : score.notes) places.emplace(note.onset, note.pitch);
  return std::erase_if(score.graces, [&](const GraceNote& grace) {
    return !places.contains({grace.onset, grace.main});
  });
}

void follow_main_notes(Score& score, std::span<const NoteChange> changes) {
  if (score.graces.empty()) return;
  std::map<Place, int> moved;  // by semitones
  for (const NoteChange& change : changes) {
    if (change.kind != ChangeKind::moved) continue;
    const Place before(change.before.onset, change.before.pitch);
    moved[before] = change.after.pitch - change.before.pitch;
  }
  for (GraceNote& grace : score.graces) {
    const auto found = moved.find({grace.onset, grace.main});
    if (found == moved.end()) continue;
    grace.main = static_cast<std::int16_t>(grace.main + found->second);
    grace.pitch = static_cast<std::int16_t>(std::clamp(grace.pitch + found->second, 0, kHighestPitch));
  }
  drop_lost_graces(score);
}

}  // namespace pop2piano
