// SPDX-License-Identifier: MIT
#include "music/notation/voices.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <tuple>

#include "music/score/bars.h"
#include "music/score/quantise.h"

namespace pop2piano {
namespace {

constexpr int kBeat = kStepsPerBeat;
constexpr int kHalfBeat = kStepsPerBeat / 2;
constexpr int kSixteenth = kStepsPerBeat / 4;
constexpr int kThird = kStepsPerBeat / 3;
constexpr int kSmallGap = 3;     // steps; a shorter silence before the next chord is not written
constexpr int kBriefMelody = 9;  // steps; a melody's note as short as this does not need a voice of its own
constexpr int kHeldChord = 24;   // steps; a chord as long as this under a moving melody does

using Group = std::vector<const StaffNote*>;  // notes of one onset

std::vector<Group> by_onset(const std::vector<const StaffNote*>& notes) {
  std::vector<Group> groups;
  for (const StaffNote* note : notes) {
    if (groups.empty() || groups.back().front()->onset != note->onset) groups.emplace_back();
    groups.back().push_back(note);
  }
  return groups;
}

WrittenNote written_note(const StaffNote& note, bool from = false, bool to = false) {
  return {note.pitch, note.name, from, to, std::nullopt, note.finger, note.source};
}

void sort_chord(LineChord& chord) {
  std::sort(chord.notes.begin(), chord.notes.end(),
            [](const WrittenNote& a, const WrittenNote& b) { return a.pitch < b.pitch; });
}

int next_barline(const Barlines& barlines, int step) {
  const auto next = std::lower_bound(barlines.begin(), barlines.end(), step);
  return next == barlines.end() ? std::numeric_limits<int>::max() : *next;
}

enum class Part : std::uint8_t { melody, accompaniment };

/// Where a chord ends on the page: no rest that is shorter than a beat unless it is part of the rhythm (short notes on
/// the beat or half-beat), no tail that crosses a beat or a barline by a 16th. Accompaniment that is struck on a beat
/// lasts to its end, as it sounds with the pedal.
int written_end(int onset, int end, int next, const Barlines& barlines, Part part) {
  if (next - end <= kSmallGap) return next;
  const bool lies = part == Part::accompaniment && onset % kBeat == 0;
  const bool brief = !lies && end - onset <= kHalfBeat && (end % kHalfBeat == 0 || onset % kSmallGap != 0);
  const int barline = next_barline(barlines, onset + 1);
  if (end > barline && end - barline <= kHalfBeat && end - onset >= kBeat) return barline;
  const int limit = std::min(next, next_barline(barlines, end));
  if (limit - end < (brief ? kHalfBeat : kBeat)) return limit;
  if (brief) return end;
  if (end - onset <= kSmallGap) return std::min(limit, (beat_of_step(end) + 1) * kBeat);
  const int tail = end - beat_of_step(end) * kBeat;
  const int down = end - tail;
  if (tail <= kSmallGap && down > onset) return down;
  return std::min(tail == 0 ? end : down + kBeat, limit);
}

/// Where a key is let go at or before `strike`: where the beat is written in 16ths there and the strike is of another
/// staff's triplet, or the other way round, at the place before. `start`, `next`: the line's own onsets around it.
int released(int strike, int start, int next) {
  for (const int own : {start, next}) {
    if (own % kBeat == 0 || beat_of_step(own) != beat_of_step(strike)) continue;
    const int unit = own % kSixteenth == 0 ? kSixteenth : own % kThird == 0 ? kThird : 1;
    const int beat = beat_of_step(strike) * kBeat;
    const int place = beat + (strike - beat) / unit * unit;
    if (place > start) return place;
  }
  return strike;
}

/// The barline at which some notes of a chord end while others sound on; without one, never.
int partly_released(const Group& group, int onset, const Barlines& barlines) {
  const int barline = next_barline(barlines, onset + 1);
  const auto ends = [&](const StaffNote* note) { return note->end - kSmallGap <= barline; };
  const bool partly = std::any_of(group.begin(), group.end(), ends) && !std::all_of(group.begin(), group.end(), ends);
  return partly ? barline : std::numeric_limits<int>::max();
}

/// A chord up to `end`, but for the keys that are struck again before and those that do not sound beyond `barline`:
/// they are let go, and what sounds on is tied.
void put_chord(Group group, int start, int end, int next, int barline, std::vector<LineChord>& line) {
  for (bool tied = false; !group.empty(); tied = true) {
    const auto first = std::min_element(group.begin(), group.end(), [](const StaffNote* a, const StaffNote* b) {
      return a->struck_again < b->struck_again;
    });
    const int strike = std::min((*first)->struck_again, start < barline ? barline : end);
    const int stop = strike < end ? released(strike, start, next) : end;
    const auto goes_on = [&](const StaffNote* note) {
      return strike < end && note->struck_again > strike && note->end > stop + kSmallGap;
    };
    LineChord chord{start, stop, {}};
    for (const StaffNote* note : group) chord.notes.push_back(written_note(*note, tied, goes_on(note)));
    sort_chord(chord);
    line.push_back(std::move(chord));
    std::erase_if(group, [&](const StaffNote* note) { return !goes_on(note); });
    start = stop;
  }
}

/// Chords of shared duration; each is cut where the next begins.
std::vector<LineChord> flowing_line(const std::vector<const StaffNote*>& notes, const Barlines& barlines) {
  std::vector<LineChord> line;
  const std::vector<Group> groups = by_onset(notes);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Group& group = groups[i];
    const int onset = group.front()->onset;
    int end = onset;
    for (const StaffNote* note : group) end = std::max(end, note->end);
    const bool melody = std::any_of(group.begin(), group.end(), [](const StaffNote* note) { return note->melody; });
    const int next = i + 1 < groups.size() ? groups[i + 1].front()->onset : std::numeric_limits<int>::max();
    end = written_end(onset, end, next, barlines, melody ? Part::melody : Part::accompaniment);
    put_chord(group, onset, end, next, partly_released(group, onset, barlines), line);
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
    for (const StaffNote* note : sounding)
      chord.notes.push_back(written_note(*note, note->onset<start, note->end> end));
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

/// How the right hand's accompaniment moves while a note of the melody sounds.
struct Countermovement {
  bool any = false;    // onsets strictly within the note
  bool above = false;  // on average higher than it
};

Countermovement movement_against(const StaffNote& melody, const std::vector<const StaffNote*>& rest) {
  const auto first = std::upper_bound(rest.begin(), rest.end(), melody.onset,
                                      [](int step, const StaffNote* note) { return step < note->onset; });
  int sum = 0, count = 0;
  for (auto it = first; it != rest.end() && (*it)->onset < melody.end; ++it, ++count) sum += (*it)->pitch;
  return {count > 0, count > 0 && sum > count * melody.pitch};
}

/// The melody above, what moves against it in the other voice (above it, when it is higher). What moves with the melody
/// joins its chords, and brief notes of the melody give way to what follows them.
StaffLines right_hand_voices(const std::vector<const StaffNote*>& notes, const Barlines& barlines) {
  std::vector<const StaffNote*> melody, rest, upper, lower;
  for (const StaffNote* note : notes) (note->melody ? melody : rest).push_back(note);
  std::vector<Countermovement> against;
  std::vector<bool> melody_below;
  for (const StaffNote* note : melody) {
    against.push_back(movement_against(*note, rest));
    against.back().any = against.back().any && note->end - note->onset > kBriefMelody;
    melody_below.push_back(against.back().any && against.back().above);
    (melody_below.back() ? lower : upper).push_back(note);
  }
  std::size_t at = 0;
  for (const StaffNote* note : rest) {
    while (at < melody.size() && melody[at]->end <= note->onset) ++at;
    while (at + 1 < melody.size() && melody[at + 1]->onset <= note->onset) ++at;
    const bool alone = at == melody.size() || melody[at]->onset > note->onset;
    const bool held_chord =
        at < melody.size() && note->end - note->onset >= kHeldChord &&
        note->end - std::max(melody[at]->onset, note->onset) >= 2 * (melody[at]->end - melody[at]->onset) &&
        melody[at]->onset < note->end - kBeat;
    const bool apart = held_chord || (!alone && against[at].any);
    const bool above = !alone && melody_below[at];
    (apart && !above ? lower : upper).push_back(note);
  }
  const auto earlier = [](const StaffNote* a, const StaffNote* b) { return a->onset < b->onset; };
  std::stable_sort(upper.begin(), upper.end(), earlier);
  std::stable_sort(lower.begin(), lower.end(), earlier);
  return {flowing_line(upper, barlines), flowing_line(lower, barlines)};
}

/// One line; a bass note that is held under chords has a voice of its own.
StaffLines left_hand_voices(const std::vector<const StaffNote*>& notes, const Barlines& barlines) {
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
  return {flowing_line(upper, barlines), flowing_line(lower, barlines)};
}

}  // namespace

void quantise(std::vector<StaffNote>& notes, BeatKind beats) {
  std::vector<double> onsets;
  for (const StaffNote& note : notes) onsets.push_back(static_cast<double>(note.onset) / kStepsPerBeat);
  onsets.erase(std::unique(onsets.begin(), onsets.end()), onsets.end());
  const Quantiser quantiser(onsets, {.beats = beats});
  for (StaffNote& note : notes) {
    note.onset = quantiser.step(static_cast<double>(note.onset) / kStepsPerBeat);
    const int end = quantiser.step(static_cast<double>(note.end) / kStepsPerBeat);
    note.end = std::max(end, note.onset + quantiser.unit(beat_of_step(note.onset)));
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

void release_keys(std::array<std::vector<StaffNote>, 2>& notes) {
  std::vector<StaffNote*> keys;
  for (std::vector<StaffNote>& staff : notes) {
    for (StaffNote& note : staff) keys.push_back(&note);
  }
  std::stable_sort(keys.begin(), keys.end(), [](const StaffNote* a, const StaffNote* b) {
    return std::tuple(a->pitch, a->onset, !a->melody) < std::tuple(b->pitch, b->onset, !b->melody);
  });
  StaffNote* last = nullptr;
  for (StaffNote* note : keys) {
    if (last != nullptr && last->pitch == note->pitch) {
      if (last->onset == note->onset) {  // the melody's stays
        last->end = std::max(last->end, note->end);
        note->end = note->onset;
        continue;
      }
      last->struck_again = note->onset;
      last->end = std::min(last->end, note->onset);
    }
    last = note;
  }
  for (std::vector<StaffNote>& staff : notes) {
    std::erase_if(staff, [](const StaffNote& note) { return note.end == note.onset; });
  }
}

StaffLines split_voices(const std::vector<StaffNote>& notes, Hand hand, NotationStyle style, const Barlines& barlines) {
  std::vector<const StaffNote*> pointers;
  pointers.reserve(notes.size());
  for (const StaffNote& note : notes) pointers.push_back(&note);
  if (style == NotationStyle::exact) return exact_voices(pointers);
  return hand == Hand::right ? right_hand_voices(pointers, barlines) : left_hand_voices(pointers, barlines);
}

}  // namespace pop2piano
