// SPDX-License-Identifier: MIT
#include "music/arrange/difficulty.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <string>

#include "base/core/closest_name.h"
#include "music/score/bars.h"
#include "music/score/clean_notes.h"
#include "music/score/harmony.h"
#include "music/score/key.h"

namespace pop2piano {
namespace {

constexpr int kBeat = kStepsPerBeat;
constexpr int kEighth = kStepsPerBeat / 2;
constexpr int kTenth = 16;  // semitones

struct LevelRules {
  int melody_unit;      // steps: onsets of the melody
  int unit;             // steps: onsets of the accompaniment; 0: it is written anew from the chords
  int right_notes;      // at an onset, melody included
  int left_notes;       // at an onset
  HandOptions hands{};  // reach
};
constexpr std::array<LevelRules, 5> kRules = {{
    {kEighth, 0, 1, 2, {.max_span = 12, .max_notes = 2}},
    {1, 0, 1, 2, {.max_span = 12, .max_notes = 2}},
    {1, kEighth, 2, 2, {.max_span = 12, .max_notes = 3}},
    {1, 3, 3, 3, {.max_span = 14, .max_notes = 4}},
    {1, 1, 5, 5, {}},
}};

const LevelRules& rules_of(int level) {
  if (level < kEasyLevel || level > kFullLevel) {
    throw Error(ErrorCode::invalid_argument, "level: expected 1..5, found " + std::to_string(level));
  }
  return kRules[static_cast<std::size_t>(level - 1)];
}

int floor_to(int step, int unit) { return step >= 0 ? step / unit * unit : -((-step + unit - 1) / unit * unit); }
int nearest(int step, int unit) { return floor_to(step + unit / 2, unit); }

/// How long a note sounds between `place` and the next place of the grid.
int steps_within(const Note& note, int place, int unit) {
  return std::min(note.offset(), place + unit) - std::max(note.onset, place);
}

/// One note at a time, each up to the next. Of the notes that come to one place the one that sounds there longest
/// stays, of equals the higher.
std::vector<Note> melody_of(const std::vector<Note>& notes, int unit) {
  std::map<int, Note> by_onset;  // as they were
  for (const Note& note : notes) {
    if (note.voice != Voice::melody) continue;
    const int place = nearest(note.onset, unit);
    const auto [found, added] = by_onset.try_emplace(place, note);
    if (added) continue;
    const int here = steps_within(note, place, unit), there = steps_within(found->second, place, unit);
    if (here > there || (here == there && note.pitch > found->second.pitch)) found->second = note;
  }
  std::vector<Note> melody;
  for (auto [place, note] : by_onset) {
    const int end = std::max(place + unit, note.offset());
    note.onset = place;
    note.duration = end - place;
    if (!melody.empty()) melody.back().duration = std::min(melody.back().duration, place - melody.back().onset);
    melody.push_back(note);
  }
  return melody;
}

/// Where the melody is silent for a beat or more, the accompaniment's top line takes over.
void fill_melody(std::vector<Note>& notes) {
  constexpr int kSilence = kBeat, kLowestMelody = 60;
  sort_notes(notes);
  std::vector<std::pair<int, int>> gaps;
  int silent_from = notes.empty() ? 0 : notes.front().onset;
  for (const Note& note : notes) {
    if (note.voice != Voice::melody) continue;
    if (note.onset - silent_from >= kSilence) gaps.emplace_back(silent_from, note.onset);
    silent_from = std::max(silent_from, note.offset());
  }
  gaps.emplace_back(silent_from, std::numeric_limits<int>::max());
  std::size_t gap = 0;
  int taken = std::numeric_limits<int>::min();
  for (Note& note : notes) {
    while (gap < gaps.size() && note.onset >= gaps[gap].second) ++gap;
    const bool inside = gap < gaps.size() && note.onset >= gaps[gap].first;
    if (!inside || note.pitch < kLowestMelody || note.onset == taken || note.onset % kEighth != 0) continue;
    note.voice = Voice::melody;  // the highest comes first
    note.duration = std::min(note.duration, gaps[gap].second - note.onset);
    taken = note.onset;
  }
  sort_notes(notes);
}

/// The pitch of a class nearest to `around`.
int pitch_near(int pitch_class, int around) {
  const int up = ((pitch_class - around) % 12 + 12) % 12;
  return up <= 6 ? around + up : around + up - 12;
}

void add_left(std::vector<Note>& notes, int onset, int duration, int pitch) {
  notes.push_back({.onset = onset, .duration = duration, .pitch = static_cast<std::int16_t>(pitch)});
}

/// The lowest pitch of the melody between two steps; 127 where it is silent.
int lowest_melody(const std::vector<Note>& melody, int from, int to) {
  int lowest = 127;
  for (auto note = std::upper_bound(melody.begin(), melody.end(), from,
                                    [](int step, const Note&n) { return step < n.offset(); });
       note != melody.end() && note->onset < to; ++note) {
    lowest = std::min<int>(lowest, note->pitch);
  }
  return lowest;
}

bool any_within(const std::set<int>& beats, int first, int end) {
  const auto next = beats.lower_bound(first);
  return next != beats.end() && *next < end;
}

/// Beats on which accompaniment strikes two keys at once.
std::set<int> beats_with_chords(const std::vector<Note>& notes) {
  std::map<int, int> struck;  // onset -> keys
  for (const Note& note : notes) struck[note.onset] += note.voice == Voice::accompaniment ? 1 : 0;
  std::set<int> beats;
  for (const auto& [onset, keys] : struck) {
    if (keys > 1) beats.insert(beat_of_step(onset));
  }
  return beats;
}

/// Half notes below the melody, where it is accompanied: bass and fifth (or root) in turn, or together where
/// `chords_on` has one of their beats.
std::vector<Note> simple_left_hand(const std::vector<ChordSpan>& chords, const std::vector<Note>& melody,
                                   const std::set<int>& accompanied, const std::set<int>& chords_on) {
  std::vector<Note> notes;
  int around = 45;
  for (const ChordSpan& chord : chords) {
    if (chord.quality == ChordQuality::none) continue;
    const int low = pitch_near(chord.bass, around);
    around = (low + 2 * 45) / 3;  // stays near A2
    const auto intervals = chord_intervals(chord.quality);
    const int root = pitch_near(chord.root, low + 4);
    const int upper = root > low ? root : root + intervals[2];
    for (int beat = 0; beat < chord.beats; beat += 2) {
      const int beats = std::min(2, chord.beats - beat);
      const int first = chord.first_beat + beat;
      if (!any_within(accompanied, first, first + beats)) continue;
      const int onset = first * kBeat;
      const int duration = beats * kBeat;
      const int ceiling = lowest_melody(melody, onset, onset + duration);
      const bool together = any_within(chords_on, first, first + beats);
      const bool lower_turn = together || beat % 4 == 0 || upper >= ceiling;
      const bool upper_turn = (together || beat % 4 == 2) && upper > low && upper - low <= 12;
      if (lower_turn && low < ceiling) add_left(notes, onset, duration, low);
      if (upper_turn && upper < ceiling) add_left(notes, onset, duration, upper);
    }
  }
  return notes;
}

/// What stays of a hand's chord: the outer note first, then the melody's neighbours from that side.
void keep_outer(std::vector<Note>& chord, Hand hand, int limit, int max_span) {
  std::sort(chord.begin(), chord.end(), [](const Note& a, const Note& b) { return a.pitch < b.pitch; });
  const auto melody = std::find_if(chord.begin(), chord.end(), [](const Note& n) { return n.voice == Voice::melody; });
  const int anchor = melody != chord.end() ? melody->pitch
                     : hand == Hand::right ? chord.back().pitch
                                           : chord.front().pitch;
  std::erase_if(chord, [&](const Note& note) {
    return std::abs(note.pitch - anchor) > max_span || (melody != chord.end() && note.pitch > anchor);
  });
  while (static_cast<int>(chord.size()) > limit) {
    // Left: bass and the highest within reach; right: the melody and what lies nearest to a sixth below it.
    chord.erase(hand == Hand::left ? chord.begin() + 1 : chord.begin());
  }
}

/// Thins out each hand's chords; drops accompaniment off the level's grid and leaps too wide for their speed.
std::vector<Note> thinned(const std::vector<Note>& notes, const LevelRules& rules) {
  std::map<std::pair<int, Hand>, std::vector<Note>> chords;
  for (const Note& note : notes) {
    const bool on_grid = rules.unit <= 1 || note.onset % rules.unit == 0 || (rules.unit == 3 && note.onset % 4 == 0);
    if (note.voice == Voice::melody || on_grid) chords[{note.onset, note.hand}].push_back(note);
  }
  std::vector<Note> out;
  std::map<Hand, Note> last;
  for (auto& [place, chord] : chords) {
    const Hand hand = place.second;
    keep_outer(chord, hand, hand == Hand::right ? rules.right_notes : rules.left_notes, rules.hands.max_span);
    const auto before = last.find(hand);
    const bool quick = before != last.end() && place.first - before->second.onset < kBeat;
    if (quick && hand == Hand::left && rules.unit > 1) {
      std::erase_if(chord, [&](const Note& note) {
        return note.voice != Voice::melody && std::abs(note.pitch - before->second.pitch) > kTenth;
      });
    }
    if (chord.empty()) continue;
    last[hand] = chord.front();
    out.insert(out.end(), chord.begin(), chord.end());
  }
  return out;
}

/// The most notes at an onset of each beat, summed over beats.
double largest_chords(const std::map<int, int>& notes_at) {
  std::map<int, int> largest;  // beat -> notes
  for (const auto& [onset, count] : notes_at) {
    int& most = largest[beat_of_step(onset)];
    most = std::max(most, count);
  }
  double sum = 0.0;
  for (const auto& [beat, count] : largest) sum += count;
  return sum;
}

}  // namespace

int level_of(std::string_view name) {
  static const std::vector<std::string> kNames = {"easy", "medium", "full", "1", "2", "3", "4", "5"};
  static constexpr std::array<int, 8> kLevels = {kEasyLevel, kMediumLevel, kFullLevel, 1, 2, 3, 4, 5};
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found != kNames.end()) return kLevels[static_cast<std::size_t>(found - kNames.begin())];
  const std::string near = closest_name(name, kNames);
  throw Error(ErrorCode::invalid_argument, "level: expected easy, medium, full or 1..5, found \"" + std::string(name) +
                                               "\"" + (near.empty() ? "" : "; did you mean " + near + "?"));
}

int semitones_to_easy_key(const Key& key) {
  int best = 12;
  for (const int fifths : {0, 1, -1}) {
    const int semitones = semitones_to_tonic(key, tonic_pitch_class({fifths, key.minor}));
    if (std::abs(semitones) < std::abs(best)) best = semitones;
  }
  return best;
}

void mark_melody(std::vector<Note>& notes) {
  constexpr double kDeepBelow = 14.0, kMemory = 0.85;  // semitones below the running mean of the top line
  if (std::any_of(notes.begin(), notes.end(), [](const Note& n) { return n.voice == Voice::melody; })) return;
  sort_notes(notes);
  double mean = 0.0;
  for (std::size_t first = 0; first < notes.size();) {
    Note& top = notes[first];  // the highest comes first
    int sounding = 0;          // the highest note that is still held
    for (std::size_t i = first; i-- > 0 && notes[i].onset > top.onset - 8 * kBeat;) {
      if (notes[i].offset() > top.onset) sounding = std::max<int>(sounding, notes[i].pitch);
    }
    if (mean == 0.0) mean = top.pitch;
    if (top.pitch > mean - kDeepBelow && top.pitch >= sounding) {
      top.voice = Voice::melody;
      mean = kMemory * mean + (1.0 - kMemory) * top.pitch;
    }
    const int onset = top.onset;
    while (first < notes.size() && notes[first].onset == onset) ++first;
  }
  sort_notes(notes);
}

void simplify(Score& score, int level) {
  const LevelRules& rules = rules_of(level);
  if (level == kFullLevel) return;
  mark_melody(score.notes);
  score.chords = chords_of(score);  // what is left may not spell them any more
  if (rules.unit == 0) {
    const std::set<int> accompanied = accompanied_beats(score.notes);
    const std::set<int> chords_on = level > kEasyLevel ? beats_with_chords(score.notes) : std::set<int>{};
    fill_melody(score.notes);
    std::vector<Note> melody = melody_of(score.notes, rules.melody_unit);
    std::vector<Note> left = simple_left_hand(score.chords, melody, accompanied, chords_on);
    melody.insert(melody.end(), left.begin(), left.end());
    score.notes = std::move(melody);
  } else {
    assign_hands(score.notes);
    score.notes = thinned(score.notes, rules);
  }
  clean_notes(score.notes);
}

HandOptions reach_of(int level, int hand_span) {
  constexpr int kNarrowest = 12, kWidest = 24;
  if (hand_span < kNarrowest || hand_span > kWidest) {
    throw Error(ErrorCode::invalid_argument,
                "hands: expected a reach of 12..24 semitones, found " + std::to_string(hand_span));
  }
  HandOptions hands = rules_of(level).hands;
  hands.max_span = level == kFullLevel ? hand_span : std::min(hands.max_span, hand_span);
  return hands;
}

int depth_in_metre(int step) {
  const int within = ((step % kBeat) + kBeat) % kBeat;
  return within == 0 ? 0 : within == kEighth ? 1 : within % 3 == 0 ? 2 : 3;
}

Demands demands_of(const Score& score) {
  Demands demands;
  if (score.notes.empty()) return demands;
  std::vector<Note> notes = score.notes;
  sort_notes(notes);
  std::map<Hand, std::vector<Note>> held;
  std::map<Hand, Note> last;    // the highest of a hand's last strike
  std::map<int, int> together;  // onset -> notes
  int leaps = 0, end = 0;
  for (const Note& note : notes) {
    end = std::max(end, note.offset());
    ++together[note.onset];
    auto& hand = held[note.hand];
    std::erase_if(hand, [&](const Note& other) { return other.offset() <= note.onset; });
    hand.push_back(note);
    for (const Note& other : hand) demands.max_span = std::max(demands.max_span, std::abs(other.pitch - note.pitch));
    const auto previous = last.find(note.hand);
    if (previous != last.end() && note.onset == previous->second.onset) continue;
    const bool quick = previous != last.end() && note.onset - previous->second.onset < kBeat;
    leaps += quick && std::abs(note.pitch - previous->second.pitch) > 12 ? 1 : 0;
    last[note.hand] = note;
  }
  const double beats = static_cast<double>(end - notes.front().onset) / kBeat;
  const double bars = beats / std::max(1, score.grid.beats_per_bar);
  demands.notes_per_beat = static_cast<double>(notes.size()) / beats;
  demands.leaps_per_bar = leaps / bars;
  int depth = 0;
  for (const auto& [onset, count] : together) depth += depth_in_metre(onset);
  demands.rhythm = depth / bars;
  demands.polyphony = largest_chords(together) / beats;
  return demands;
}

}  // namespace pop2piano
