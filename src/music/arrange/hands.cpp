// SPDX-License-Identifier: MIT
// The beam search. A state is what each hand holds and where it was last; the chord at each onset is split at a pitch,
// lower notes to the left hand.
#include "music/arrange/hands.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "music/arrange/hand_fit.h"

namespace pop2piano {
namespace {

using hand_search::Action;
using hand_search::ActionKind;
using hand_search::fit_hand;
using hand_search::HandFit;
using hand_search::Instant;
using hand_search::PressedKey;

// These costs were set by hand with the first version of the search; no measurement decided them. What they do was
// measured later on 41 songs of POP909 (every 22nd from 020, melody, bridge and piano put together), one cost changed
// at a time; shares of notes that change hands are those of songs in which no other note was dropped. As they
// stand: 51.2 changes in 1,000 notes, 2.67 % of the chords wider than an octave, 3.00 % of the movements leaps of more
// than an octave within an eighth, 0.13 % of the melody in the left hand.
constexpr double kMiddle = 60.0;    // middle C, where the hands meet; 3 semitones off: 1.6 % of the notes change hands
constexpr double kRegister = 0.12;  // per semitone on the other hand's side of it; halved or doubled: 0.8 % change
                                    // hands; 0: 1.8 %
constexpr double kMelodyInLeft = 25.0;  // a note; 0: 1.9 % of the melody is in the left hand; 5: 0.5 %; 100: 0.05 %,
                                        // but 51.6 changes
// The search splits each chord at a pitch, so that hands cross only over held keys; 0 or five times as much: 0.02 % of
// the notes change hands.
constexpr double kCrossing = 4.0, kCrossingPerSemitone = 1.0;
// Semitones, and the cost of each beyond them. An octave is what most hands play at ease. 9 semitones: 63.8 changes,
// 2.3 % of the chords wide; 15: 48.6, 4.2 %. Half the cost: 49.0, 3.1 %; twice: 58.4, 2.0 %.
constexpr double kComfortableSpan = 12.0, kStretch = 1.0;
// Per semitone moved, and per semitone beyond a fifth, less the more time there is. Without kStep 0.9 % of the notes
// change hands; without kLeap 3.42 % of the movements are leaps, with twice as much 2.86 %.
constexpr double kStep = 0.06, kLeap = 0.35;
constexpr std::size_t kMaxChord = 24;  // notes at one onset that are looked at closely

struct HandState {
  std::vector<PressedKey> held;
  double position = 0.0;  // mean of the outer keys of the last chord
  std::int32_t last_onset = -1'000'000'000;
};

struct State {
  HandState right{{}, 70.0}, left{{}, 50.0};
  double cost = 0.0;
  std::size_t node = 0;
};

/// What was done to reach a state.
struct Node {
  std::size_t parent = 0;
  std::vector<Action> actions;
};

double movement_cost(const HandState& hand, std::span<const PressedKey> played, std::int32_t onset, double& position) {
  int low = 127, high = 0;
  for (const PressedKey& key : played) {
    low = std::min<int>(low, key.pitch);
    high = std::max<int>(high, key.pitch);
  }
  position = 0.5 * (low + high);
  const double distance = std::abs(position - hand.position);
  const double beats = std::min(4.0, static_cast<double>(onset - hand.last_onset) / kStepsPerBeat);
  const double stretch = std::max(0.0, high - low - kComfortableSpan);
  return kStep * distance + kLeap * std::max(0.0, distance - 7.0) / (0.5 + beats) + kStretch * stretch;
}

double register_cost(std::span<const PressedKey> right, std::span<const PressedKey> left) {
  double cost = 0.0;
  for (const PressedKey& key : right) cost += key.melody ? 0.0 : kRegister * std::max(0.0, kMiddle - key.pitch);
  for (const PressedKey& key : left) {
    cost += kRegister * std::max(0.0, key.pitch - kMiddle) + (key.melody ? kMelodyInLeft : 0.0);
  }
  return cost;
}

double crossing_cost(std::span<const PressedKey> right, std::span<const PressedKey> left) {
  if (right.empty() || left.empty()) return 0.0;
  const auto by_pitch = [](const PressedKey& a, const PressedKey& b) { return a.pitch < b.pitch; };
  const int lowest_right = std::min_element(right.begin(), right.end(), by_pitch)->pitch;
  const int highest_left = std::max_element(left.begin(), left.end(), by_pitch)->pitch;
  return highest_left < lowest_right ? 0.0 : kCrossing + kCrossingPerSemitone * (highest_left - lowest_right);
}

class HandSearch {
 public:
  HandSearch(std::span<const Note> notes, const HandOptions& options) : notes_(notes), options_(options) {
    nodes_.push_back({});
    beam_.push_back({});
  }

  /// The actions of the cheapest way through, in the order of time.
  std::vector<Action> run() {
    for (std::size_t first = 0; first < notes_.size();) {
      std::size_t last = first;
      while (last < notes_.size() && notes_[last].onset == notes_[first].onset) ++last;
      advance(first, last);
      first = last;
    }
    std::vector<Action> actions;
    for (std::size_t node = beam_.front().node; node != 0; node = nodes_[node].parent) {
      actions.insert(actions.end(), nodes_[node].actions.rbegin(), nodes_[node].actions.rend());
    }
    std::reverse(actions.begin(), actions.end());
    return actions;
  }

 private:
  struct Candidate {
    State state;
    std::size_t parent = 0;
    std::vector<Action> actions;
  };

  void advance(std::size_t first, std::size_t last) {
    const std::int32_t onset = notes_[first].onset;
    std::vector<Action> given_up;
    const std::vector<PressedKey> chord = chord_keys(first, last, given_up);
    std::vector<Candidate> candidates;
    for (State& state : beam_) {
      for (HandState* hand : {&state.right, &state.left}) {
        std::erase_if(hand->held, [&](const PressedKey& key) { return key.offset <= onset; });
      }
      for (std::size_t split = 0; split <= chord.size(); ++split) expand(state, chord, split, onset, candidates);
    }
    select(candidates, given_up);
  }

  /// The new notes by pitch. Of thousands at one instant the outer ones and the melody are kept.
  std::vector<PressedKey> chord_keys(std::size_t first, std::size_t last, std::vector<Action>& given_up) const {
    std::vector<PressedKey> chord;
    for (std::size_t i = first; i < last; ++i) {
      const Note& note = notes_[i];
      chord.push_back({static_cast<std::uint32_t>(i), note.offset(), note.pitch, note.voice == Voice::melody, false});
    }
    std::sort(chord.begin(), chord.end(), [](const PressedKey& a, const PressedKey& b) { return a.pitch < b.pitch; });
    chord.front().bass = chord.size() > 1;
    bool melody_found = false;  // of several melody notes at once the highest is the melody
    for (auto key = chord.rbegin(); key != chord.rend(); ++key) {
      key->melody = key->melody && !melody_found;
      melody_found = melody_found || key->melody;
    }
    for (std::size_t i = chord.size() - 1; i > 0 && chord.size() > kMaxChord; --i) {
      if (chord[i].melody || i < kMaxChord / 2 || i + kMaxChord / 2 > chord.size()) continue;
      given_up.push_back({ActionKind::drop, chord[i].index, 0});
      chord.erase(chord.begin() + static_cast<std::ptrdiff_t>(i));
    }
    return chord;
  }

  void expand(const State& state, std::span<const PressedKey> chord, std::size_t split, std::int32_t onset,
              std::vector<Candidate>& candidates) const {
    std::vector<PressedKey> sounding = state.right.held;
    sounding.insert(sounding.end(), state.left.held.begin(), state.left.held.end());
    const Instant instant{onset, chord, sounding};
    const auto low = chord.first(split), high = chord.subspan(split);
    const bool melody_is_held =
        std::any_of(state.right.held.begin(), state.right.held.end(),
                    [](const PressedKey& key) { return key.melody; }) &&
        std::none_of(high.begin(), high.end(), [](const PressedKey& key) { return key.melody; });
    const HandFit left = fit_hand(Hand::left, low, state.left.held, instant, options_, false);
    for (const bool keep_melody : {false, true}) {
      if (keep_melody && !melody_is_held) break;
      const HandFit right = fit_hand(Hand::right, high, state.right.held, instant, options_, keep_melody);
      candidates.push_back(combined(state, right, left, low, high, onset));
    }
  }

  static Candidate combined(const State& state, const HandFit& right, const HandFit& left,
                            std::span<const PressedKey> low, std::span<const PressedKey> high, std::int32_t onset) {
    Candidate next;
    next.parent = state.node;
    next.state.cost =
        state.cost + right.cost + left.cost + register_cost(high, low) + crossing_cost(right.keys, left.keys);
    next.state.right = moved(state.right, right, high, onset, next.state.cost);
    next.state.left = moved(state.left, left, low, onset, next.state.cost);
    next.actions = right.actions;
    next.actions.insert(next.actions.end(), left.actions.begin(), left.actions.end());
    return next;
  }

  static HandState moved(const HandState& before, const HandFit& fit, std::span<const PressedKey> wanted,
                         std::int32_t onset, double& cost) {
    HandState after{fit.keys, before.position, before.last_onset};
    if (wanted.empty() || fit.keys.empty()) return after;
    cost += movement_cost(before, fit.keys, onset, after.position);
    after.last_onset = onset;
    return after;
  }

  /// Keeps the cheapest states, one for each way of holding keys.
  void select(std::vector<Candidate>& candidates, const std::vector<Action>& given_up) {
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.state.cost < b.state.cost; });
    beam_.clear();
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < candidates.size() && kept.size() < static_cast<std::size_t>(options_.beam_width); ++i) {
      const bool known = std::any_of(kept.begin(), kept.end(),
                                     [&](std::size_t k) { return same(candidates[k].state, candidates[i].state); });
      if (!known) kept.push_back(i);
    }
    for (const std::size_t i : kept) {
      Candidate& candidate = candidates[i];
      candidate.actions.insert(candidate.actions.begin(), given_up.begin(), given_up.end());
      candidate.state.node = nodes_.size();
      nodes_.push_back({candidate.parent, std::move(candidate.actions)});
      beam_.push_back(std::move(candidate.state));
    }
  }

  static bool same(const State& a, const State& b) {
    const auto equal = [](const HandState& x, const HandState& y) {
      return x.position == y.position && std::equal(x.held.begin(), x.held.end(), y.held.begin(), y.held.end(),
                                                    [](const PressedKey& k, const PressedKey& l) {
                                                      return k.index == l.index && k.pitch == l.pitch;
                                                    });
    };
    return equal(a.right, b.right) && equal(a.left, b.left);
  }

  std::span<const Note> notes_;
  const HandOptions& options_;
  std::vector<Node> nodes_;  // [0]: the start
  std::vector<State> beam_;  // the cheapest first
};

/// Does what the search decided; dropped notes get a duration of 0.
std::vector<NoteChange> carry_out(std::vector<Note>& notes, std::span<const Action> actions) {
  std::vector<NoteChange> changes;
  for (const Action& action : actions) {
    Note& note = notes[action.index];
    const Note before = note;
    switch (action.kind) {
      case ActionKind::take_right:
        note.hand = Hand::right;
        break;
      case ActionKind::take_left:
        note.hand = Hand::left;
        break;
      case ActionKind::shorten:
        note.duration = action.value - note.onset;
        changes.push_back({ChangeKind::shortened, ChangeReason::reach, before, note});
        break;
      case ActionKind::move:
        note.pitch = static_cast<std::int16_t>(action.value);
        changes.push_back({ChangeKind::moved, ChangeReason::reach, before, note});
        break;
      case ActionKind::drop:
        changes.push_back({ChangeKind::dropped, ChangeReason::reach, before, before});
        note.duration = 0;
        break;
    }
  }
  std::erase_if(notes, [](const Note& note) { return note.duration == 0; });
  return changes;
}

/// A note that was moved may now lie on a key that is struck again while it sounds, or on one that the other hand
/// strikes at the same time: of those the melody stays.
void cut_repeated_keys(std::vector<Note>& notes, std::vector<NoteChange>& changes) {
  std::vector<std::size_t> last(128, std::numeric_limits<std::size_t>::max());
  for (std::size_t i = 0; i < notes.size(); ++i) {
    std::size_t& before = last[static_cast<std::size_t>(notes[i].pitch)];
    if (before < i && notes[before].onset == notes[i].onset) {
      const bool first_is_melody = notes[before].voice == Voice::melody;
      Note& twin = notes[first_is_melody ? i : before];
      changes.push_back({ChangeKind::dropped, ChangeReason::reach, twin, twin});
      twin.duration = 0;
      if (first_is_melody) continue;
    } else if (before < i && notes[before].offset() > notes[i].onset) {
      const Note whole = notes[before];
      notes[before].duration = notes[i].onset - whole.onset;
      changes.push_back({ChangeKind::shortened, ChangeReason::reach, whole, notes[before]});
    }
    before = i;
  }
  std::erase_if(notes, [](const Note& note) { return note.duration == 0; });
}

}  // namespace

std::vector<NoteChange> assign_hands(std::vector<Note>& notes, const HandOptions& options) {
  if (options.max_span < 0 || options.max_notes < 1 || options.beam_width < 1) {
    throw Error(ErrorCode::invalid_argument, "hands: expected a span of at least 0, 1 note and a beam of 1");
  }
  if (notes.empty()) return {};
  sort_notes(notes);
  const std::vector<Action> actions = HandSearch(notes, options).run();
  std::vector<NoteChange> changes = carry_out(notes, actions);
  cut_repeated_keys(notes, changes);
  sort_notes(notes);
  std::stable_sort(changes.begin(), changes.end(),
                   [](const NoteChange& a, const NoteChange& b) { return a.before.onset < b.before.onset; });
  return changes;
}

std::size_t count_unplayable(std::span<const Note> notes, const HandOptions& options) {
  std::vector<Note> ordered(notes.begin(), notes.end());
  sort_notes(ordered);
  std::size_t unplayable = 0;
  std::vector<Note> held;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    held.push_back(ordered[i]);
    const std::int32_t onset = ordered[i].onset;
    if (i + 1 < ordered.size() && ordered[i + 1].onset == onset) continue;
    std::erase_if(held, [&](const Note& note) { return note.offset() <= onset; });
    bool bad = false;
    for (const Hand hand : {Hand::right, Hand::left}) {
      int low = 127, high = 0, count = 0;
      for (const Note& note : held) {
        if (note.hand != hand) continue;
        low = std::min<int>(low, note.pitch);
        high = std::max<int>(high, note.pitch);
        ++count;
      }
      bad = bad || count > options.max_notes || (count > 0 && high - low > options.max_span);
    }
    if (bad) ++unplayable;
  }
  return unplayable;
}

}  // namespace pop2piano
