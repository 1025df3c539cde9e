// SPDX-License-Identifier: MIT
#include "music/arrange/arranging.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "base/core/closest_name.h"
#include "music/arrange/hands.h"
#include "music/arrange/melody_on_top.h"
#include "music/score/harmony.h"
#include "music/score/key.h"
#include "music/score/key_spans.h"

namespace pop2piano {
namespace {

/// What a level left out, cut and put in, note by note: notes that begin together on one pitch are the same.
std::vector<NoteChange> differences(const std::vector<Note>& before, const std::vector<Note>& after) {
  std::map<std::pair<int, int>, Note> left;  // (onset, pitch)
  for (const Note& note : before) left.emplace(std::pair(note.onset, note.pitch), note);
  std::vector<NoteChange> changes;
  for (const Note& note : after) {
    const auto found = left.find({note.onset, note.pitch});
    if (found == left.end()) {
      changes.push_back({ChangeKind::added, ChangeReason::level, note, note});
      continue;
    }
    if (note.duration < found->second.duration) {
      changes.push_back({ChangeKind::shortened, ChangeReason::level, found->second, note});
    }
    left.erase(found);
  }
  for (const auto& [place, note] : left) {
    changes.push_back({ChangeKind::dropped, ChangeReason::level, note, note});
  }
  return changes;
}

/// The easiest levels are written for it: the melody for the right hand, everything else for the left. False, and
/// nothing done, where it is not playable or not meant to be.
bool melody_right_rest_left(std::vector<Note>& notes, int level, const HandOptions& reach) {
  if (level >= kMediumLevel) return false;
  std::vector<Note> split = notes;
  for (Note& note : split) note.hand = note.voice == Voice::melody ? Hand::right : Hand::left;
  if (count_unplayable(split, reach) > 0) return false;
  notes = std::move(split);
  return true;
}

void append(std::vector<NoteChange>& all, const std::vector<NoteChange>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

}  // namespace

int hand_span_of(std::string_view name) {
  static const std::vector<std::string> kNames = {"octave", "ninth", "tenth"};
  static constexpr std::array<int, 3> kSpans = {12, 14, 15};
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found != kNames.end()) return kSpans[static_cast<std::size_t>(found - kNames.begin())];
  const std::string near = closest_name(name, kNames);
  throw Error(ErrorCode::invalid_argument, "hands: expected octave, ninth or tenth, found \"" + std::string(name) +
                                               "\"" + (near.empty() ? "" : "; did you mean " + near + "?"));
}

std::vector<NoteChange> arrange_for_piano(Score& score, const PianoOptions& options) {
  const HandOptions reach = reach_of(options.level, options.hand_span);
  std::vector<NoteChange> changes;
  find_keys(score);
  if (score.chords.empty()) score.chords = find_chords(score.notes, score.grid);
  if (options.melody == MelodyPlace::on_top) append(changes, keep_melody_on_top(score.notes));
  if (options.level < kFullLevel) {
    const std::vector<Note> before = score.notes;
    simplify(score, options.level);
    append(changes, differences(before, score.notes));
    if (options.melody == MelodyPlace::on_top) append(changes, keep_melody_on_top(score.notes));
  }
  if (!melody_right_rest_left(score.notes, options.level, reach)) append(changes, assign_hands(score.notes, reach));
  if (options.melody == MelodyPlace::on_top) append(changes, keep_melody_on_top(score.notes, MelodyRoom::cut));
  std::stable_sort(changes.begin(), changes.end(),
                   [](const NoteChange& a, const NoteChange& b) { return a.before.onset < b.before.onset; });
  return changes;
}

}  // namespace pop2piano
