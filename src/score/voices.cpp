// SPDX-License-Identifier: MIT
#include "score/voices.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>

#include "score/bars.h"

namespace pop2piano {
namespace {

constexpr int kBeat = kStepsPerBeat;
constexpr int kSixteenth = kStepsPerBeat / 4;
constexpr int kTriplet = kStepsPerBeat / 3;
constexpr int kSmallGap = 3;  // steps; a shorter silence before the next chord is not written

using Group = std::vector<const StaffNote*>;  // notes of one onset

int rounded_to(int step, int unit) {
  return beat_of_step(step + unit / 2) * kBeat + [&] {
    const int within = step + unit / 2 - beat_of_step(step + unit / 2) * kBeat;
    return within / unit * unit;
  }();
}

/// How badly onsets (within the beat) fit a grid; two that fall together count heavily.
int misfit(const std::vector<int>& onsets, int unit) {
  int cost = 0;
  std::set<int> taken;
  for (const int onset : onsets) {
    const int place = (onset + unit / 2) / unit * unit;
    cost += 2 * std::abs(place - onset) + (taken.insert(place).second ? 0 : 12);
  }
  return cost;
}

std::vector<Group> by_onset(const std::vector<const StaffNote*>& notes) {
  std::vector<Group> groups;
  for (const StaffNote* note : notes) {
    if (groups.empty() || groups.back().front()->onset != note->onset) groups.emplace_back();
    groups.back().push_back(note);
  }
  return groups;
}

LineNote line_note(const StaffNote& note, bool from = false, bool to = false) {
  return {note.pitch, note.name, from, to};
}

void sort_chord(LineChord& chord) {
  std::sort(chord.notes.begin(), chord.notes.end(),
            [](const LineNote& a, const LineNote& b) { return a.pitch < b.pitch; });
}

/// Chords of shared duration; each is cut where the next begins, and lengthened over gaps too short to be rests.
std::vector<LineChord> flowing_line(const std::vector<const StaffNote*>& notes) {
  std::vector<LineChord> line;
  for (const Group& group : by_onset(notes)) {
    LineChord chord{group.front()->onset, 0, {}};
    for (const StaffNote* note : group) {
      chord.end = std::max(chord.end, note->end);
      chord.notes.push_back(line_note(*note));
    }
    sort_chord(chord);
    line.push_back(std::move(chord));
  }
  for (std::size_t i = 0; i + 1 < line.size(); ++i) {
    const int next = line[i + 1].onset, gap = next - line[i].end;
    const bool small = gap <= kSmallGap || 3 * gap <= line[i].end - line[i].onset;
    if (gap < 0 || small) line[i].end = next;
  }
  return line;
}

/// Every change of the set of sounding notes starts a new chord; notes that go on are tied.
std::vector<LineChord> tied_line(const std::vector<const StaffNote*>& notes) {
  std::set<int> borders;
  for (const StaffNote* note : notes) borders.insert({note->onset, note->end});
  std::vector<LineChord> line;
  std::size_t next = 0;
  std::vector<const StaffNote*> sounding;
  for (auto it = borders.begin(); it != borders.end() && std::next(it) != borders.end(); ++it) {
    const int start = *it, end = *std::next(it);
    std::erase_if(sounding, [&](const StaffNote* note) { return note->end <= start; });
    for (; next < notes.size() && notes[next]->onset <= start; ++next) sounding.push_back(notes[next]);
    if (sounding.empty()) continue;
    LineChord chord{start, end, {}};
    for (const StaffNote* note : sounding) chord.notes.push_back(line_note(*note, note->onset<start, note->end> end));
    sort_chord(chord);
    line.push_back(std::move(chord));
  }
  return line;
}

/// Notes of equal onset and duration that follow one another without overlap go up; all others below, tied.
StaffLines exact_voices(const std::vector<const StaffNote*>& notes) {
  std::vector<const StaffNote*> upper, lower;
  int free_from = std::numeric_limits<int>::min();
  int current_onset = free_from, current_end = free_from;
  for (const StaffNote* note : notes) {
    const bool joins = note->onset == current_onset && note->end == current_end;
    if (joins || note->onset >= free_from) {
      upper.push_back(note);
      current_onset = note->onset;
      current_end = free_from = note->end;
    } else {
      lower.push_back(note);
    }
  }
  return {tied_line(upper), tied_line(lower)};
}

bool any_onset_within(const std::vector<const StaffNote*>& notes, int after, int before) {
  const auto first = std::upper_bound(notes.begin(), notes.end(), after,
                                      [](int step, const StaffNote* note) { return step < note->onset; });
  return first != notes.end() && (*first)->onset < before;
}

/// The tune above, what moves against it below; what moves with it joins its chords.
StaffLines right_hand_voices(const std::vector<const StaffNote*>& notes) {
  std::vector<const StaffNote*> tune, rest;
  for (const StaffNote* note : notes) (note->melody ? tune : rest).push_back(note);
  std::vector<const StaffNote*> upper = tune, lower;
  std::size_t at = 0;
  for (const StaffNote* note : rest) {
    while (at < tune.size() && tune[at]->end <= note->onset) ++at;
    const bool tune_sounds = at < tune.size() && tune[at]->onset < note->end;
    if (!tune_sounds) {
      upper.push_back(note);
      continue;
    }
    const StaffNote& melody = *tune[at];
    const int length = note->end - note->onset, tune_length = melody.end - melody.onset;
    const bool together = melody.onset == note->onset && 2 * length <= 3 * tune_length &&
                          !any_onset_within(rest, note->onset, melody.end);
    (together ? upper : lower).push_back(note);
  }
  const auto earlier = [](const StaffNote* a, const StaffNote* b) { return a->onset < b->onset; };
  std::stable_sort(upper.begin(), upper.end(), earlier);
  return {flowing_line(upper), flowing_line(lower)};
}

/// One line; a bass note that is held under chords has a voice of its own.
StaffLines left_hand_voices(const std::vector<const StaffNote*>& notes) {
  std::vector<const StaffNote*> upper, lower;
  const std::vector<Group> groups = by_onset(notes);
  int bass_until = std::numeric_limits<int>::min();
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Group& group = groups[i];
    const StaffNote* bass = *std::min_element(
        group.begin(), group.end(), [](const StaffNote* a, const StaffNote* b) { return a->pitch < b->pitch; });
    bool chords_above = false;
    for (std::size_t j = i + 1; j < groups.size() && groups[j].front()->onset < bass->end; ++j) {
      chords_above = chords_above || groups[j].size() >= 2;
      if (groups[j].front()->pitch <= bass->pitch) chords_above = false;
    }
    const bool held = bass->end - bass->onset >= 2 * kBeat && bass->onset >= bass_until && chords_above;
    if (held) bass_until = bass->end;
    for (const StaffNote* note : group) (held && note == bass ? lower : upper).push_back(note);
  }
  return {flowing_line(upper), flowing_line(lower)};
}

}  // namespace

void quantise(std::vector<StaffNote>& notes) {
  std::map<int, std::vector<int>> onsets;  // beat -> onsets within it, without doubles
  for (const StaffNote& note : notes) {
    const int beat = beat_of_step(note.onset);
    std::vector<int>& in_beat = onsets[beat];
    if (in_beat.empty() || in_beat.back() != note.onset - beat * kBeat) in_beat.push_back(note.onset - beat * kBeat);
  }
  std::map<int, int> units;
  for (const auto& [beat, in_beat] : onsets) {
    units[beat] = misfit(in_beat, kTriplet) + 1 < misfit(in_beat, kSixteenth) ? kTriplet : kSixteenth;
  }
  const auto unit_at = [&](int step) {
    const auto found = units.find(beat_of_step(step));
    return found == units.end() ? kSixteenth : found->second;
  };
  for (StaffNote& note : notes) {
    const int unit = unit_at(note.onset);
    note.onset = rounded_to(note.onset, unit);
    note.end = std::max(rounded_to(note.end, unit_at(note.end)), note.onset + unit_at(note.onset));
  }
  std::stable_sort(notes.begin(), notes.end(),
                   [](const StaffNote& a, const StaffNote& b) { return a.onset < b.onset; });
  const auto same_key = [](const StaffNote& a, const StaffNote& b) { return a.onset == b.onset && a.pitch == b.pitch; };
  std::vector<StaffNote> kept;
  for (const StaffNote& note : notes) {
    const auto twin = std::find_if(kept.rbegin(), kept.rend(), [&](const StaffNote& other) {
      return other.onset < note.onset || same_key(other, note);
    });
    if (twin == kept.rend() || !same_key(*twin, note)) kept.push_back(note);
  }
  notes = std::move(kept);
}

StaffLines split_voices(const std::vector<StaffNote>& notes, Hand hand, NotationStyle style) {
  std::vector<const StaffNote*> pointers;
  pointers.reserve(notes.size());
  for (const StaffNote& note : notes) pointers.push_back(&note);
  if (style == NotationStyle::exact) return exact_voices(pointers);
  return hand == Hand::right ? right_hand_voices(pointers) : left_hand_voices(pointers);
}

}  // namespace pop2piano
