// SPDX-License-Identifier: MIT
#include "music/arrange/fingering.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace pop2piano {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kFingers = 5;
constexpr double kSubstitution = 6.0;  // another finger on a key that is held
constexpr double kRepetition = 1.0;    // another finger on a key that is struck again at once
constexpr double kOuterFinger =
    0.25;                            // a chord of three and more keys without thumb or little finger: 1 3 5, not 1 2 4
constexpr double kImpossible = 5.0;  // per semitone beyond what a pair of fingers can do at once

/// Semitones between two keys, from the thumb's side, that a pair of fingers spans (table 1 of the paper).
struct Span {
  int min_practical, min_comfortable, min_relaxed, max_relaxed, max_comfortable, max_practical;
};
constexpr std::array<std::array<Span, kFingers>, kFingers> kSpans = {{
    {{{}, {-5, -3, 1, 5, 8, 10}, {-4, -2, 3, 7, 10, 12}, {-3, -1, 5, 9, 12, 14}, {-1, 1, 7, 10, 13, 15}}},
    {{{}, {}, {1, 1, 1, 2, 3, 5}, {1, 1, 3, 4, 5, 7}, {2, 2, 5, 6, 8, 10}}},
    {{{}, {}, {}, {1, 1, 1, 2, 2, 4}, {1, 1, 3, 4, 5, 7}}},
    {{{}, {}, {}, {}, {1, 1, 1, 2, 3, 5}}},
    {{}},
}};

/// For each event the keys that are down, from the thumb's side outwards.
struct DownKey {
  std::size_t note = 0;  // index
  int place = 0;         // pitch, mirrored for the left hand, so that fingers ascend with it
  bool black = false;
  bool struck = false;  // here, not held from before
};

struct Event {
  int onset = 0;
  std::vector<DownKey> keys;  // at most five
  std::size_t line = 0;       // the struck key that the hand's outer line runs through
};

/// Finger of each key of an event: ascending.
using Grip = std::array<std::uint8_t, kFingers>;

bool is_black(int pitch) {
  const int pitch_class = pitch % 12;
  return pitch_class == 1 || pitch_class == 3 || pitch_class == 6 || pitch_class == 8 || pitch_class == 10;
}

std::vector<Grip> grips(std::size_t keys) {
  std::vector<Grip> all;
  for (unsigned mask = 0; mask < 1U << kFingers; ++mask) {
    Grip grip{};
    std::size_t count = 0;
    for (std::uint8_t finger = 1; finger <= kFingers; ++finger) {
      if ((mask & (1U << (finger - 1U))) == 0) continue;
      if (count < keys) grip[count] = finger;
      ++count;
    }
    if (count == keys) all.push_back(grip);
  }
  return all;
}

/// Rules 1 to 3: stretch, small span, large span. `distance` from the first finger to the second, outwards.
double span_cost(int first, int second, int distance) {
  if (first == second) return distance == 0 ? 0.0 : kImpossible + std::abs(distance);  // the finger must hop
  if (first > second) return span_cost(second, first, -distance);
  const Span& span = kSpans[static_cast<std::size_t>(first - 1)][static_cast<std::size_t>(second - 1)];
  const double relaxed = first == 1 ? 1.0 : 2.0;
  const int stretch = std::max({0, distance - span.max_comfortable, span.min_comfortable - distance});
  const int small = std::max(0, span.min_relaxed - distance), large = std::max(0, distance - span.max_relaxed);
  return 2.0 * stretch + relaxed * (small + large);
}

/// A chord's own cost: all pairs must be spanned at once.
double grip_cost(const Event& event, const Grip& grip) {
  const std::size_t size = event.keys.size();
  double cost = size < 3 ? 0.0 : (grip[0] == 1 ? 0.0 : kOuterFinger) + (grip[size - 1] == 5 ? 0.0 : kOuterFinger);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = i + 1; j < size; ++j) {
      const int distance = event.keys[j].place - event.keys[i].place;
      const Span& span = kSpans[static_cast<std::size_t>(grip[i] - 1)][static_cast<std::size_t>(grip[j] - 1)];
      const double weight = j == i + 1 ? 1.0 : 0.5;
      cost += weight * span_cost(grip[i], grip[j], distance);
      cost += kImpossible * std::max({0, distance - span.max_practical, span.min_practical - distance});
    }
  }
  return cost;
}

/// The line's key and its finger.
struct Touch {
  int place = 0, finger = 0;
  bool black = false;
};

Touch touch(const Event& event, const Grip& grip) {
  const DownKey& key = event.keys[event.line];
  return {key.place, grip[event.line], key.black};
}

/// Rules 6, 8, 9, 12 and what they know of two notes: weak fingers, three to four, four on black, thumb passing.
double pair_cost(const Touch& a, const Touch& b) {
  double cost = b.finger >= 4 ? 1.0 : 0.0;
  if (a.finger == 3 && b.finger == 4) cost += 1.0;
  const bool three_four = (a.finger == 3 && b.finger == 4) || (a.finger == 4 && b.finger == 3);
  const Touch& three = a.finger == 3 ? a : b;
  const Touch& four = a.finger == 3 ? b : a;
  if (three_four && !three.black && four.black) cost += 1.0;
  const bool passes =
      (a.finger == 1 && b.finger > 1 && b.place < a.place) || (b.finger == 1 && a.finger > 1 && a.place < b.place);
  if (passes) {
    const Touch& thumb = a.finger == 1 ? a : b;
    const Touch& other = a.finger == 1 ? b : a;
    cost += thumb.black == other.black ? 1.0 : thumb.black ? 3.0 : 0.0;
  }
  if (b.finger == 1 && b.black) cost += 1.0 + (a.black ? 0.0 : 2.0);  // rules 10 and 11, the note before
  if (b.finger == 5 && b.black) cost += a.black ? 0.0 : 2.0;
  if (a.finger == 1 && a.black && !b.black) cost += 2.0;  // and the note after
  if (a.finger == 5 && a.black && !b.black) cost += 2.0;
  return cost;
}

/// Rules 4, 5 and 7: changes of position, and three weak fingers in a row.
double triple_cost(const Touch& a, const Touch& b, const Touch& c) {
  double cost = 0.0;
  std::array<int, 3> fingers = {a.finger, b.finger, c.finger};
  std::sort(fingers.begin(), fingers.end());
  if (fingers == std::array<int, 3>{3, 4, 5}) cost += 1.0;
  if (a.finger == c.finger) {
    if (a.place == c.place) return cost;
    return cost + 1.0 + std::abs(c.place - a.place);
  }
  const bool swapped = a.finger > c.finger;
  const Span& span = kSpans[static_cast<std::size_t>(std::min(a.finger, c.finger) - 1)]
                           [static_cast<std::size_t>(std::max(a.finger, c.finger) - 1)];
  const int distance = swapped ? a.place - c.place : c.place - a.place;
  const int beyond = std::max({0, distance - span.max_comfortable, span.min_comfortable - distance});
  if (beyond == 0) return cost;
  const bool between = (a.place < b.place && b.place < c.place) || (a.place > b.place && b.place > c.place);
  const bool impractical = distance > span.max_practical || distance < span.min_practical;
  return cost + (b.finger == 1 && between && impractical ? 2.0 : 1.0) + beyond;
}

/// From one chord to the next: spans between what was struck and what is struck, held keys keep their fingers.
double move_cost(const Event& before, const Grip& from, const Event& event, const Grip& to) {
  double spans = 0.0, held = 0.0;
  int pairs = 0;
  for (std::size_t i = 0; i < before.keys.size(); ++i) {
    for (std::size_t j = 0; j < event.keys.size(); ++j) {
      const DownKey &a = before.keys[i], &b = event.keys[j];
      if (a.note == b.note) {
        held += from[i] == to[j] ? 0.0 : kSubstitution;
      } else if (a.struck && b.struck) {
        const bool same_key = a.place == b.place;
        spans += same_key ? (from[i] == to[j] ? 0.0 : kRepetition) : span_cost(from[i], to[j], b.place - a.place);
        ++pairs;
      }
    }
  }
  return held + (pairs > 0 ? spans / pairs : 0.0);
}

/// After a rest the hand has time: costs between chords fade with it.
double haste(const Event& before, const Event& event) {
  const double beats = static_cast<double>(event.onset - before.onset) / kStepsPerBeat;
  return 1.0 / std::max(1.0, beats);
}

double step_cost(const Event& before, const Grip& from, const Event& event, const Grip& to) {
  return grip_cost(event, to) +
         haste(before, event) * (move_cost(before, from, event, to) + pair_cost(touch(before, from), touch(event, to)));
}

double turn_cost(const Event& a, const Grip& first, const Event& b, const Grip& second, const Event& c,
                 const Grip& third) {
  return haste(a, b) * haste(b, c) * triple_cost(touch(a, first), touch(b, second), touch(c, third));
}

double start_cost(const Event& event, const Grip& grip) {
  const Touch line = touch(event, grip);
  return grip_cost(event, grip) + (line.finger >= 4 ? 1.0 : 0.0) + (line.finger == 1 && line.black ? 1.0 : 0.0);
}

/// The notes of one hand (indices), ordered by onset, as events.
std::vector<Event> events_of(std::span<const Note> notes, std::span<const std::size_t> indices, Hand hand) {
  std::vector<Event> events;
  const auto down_key = [&](std::size_t index, bool struck) {
    const int pitch = notes[index].pitch;
    return DownKey{index, hand == Hand::left ? -pitch : pitch, is_black(pitch), struck};
  };
  std::vector<std::size_t> down;
  for (std::size_t first = 0; first < indices.size();) {
    const int onset = notes[indices[first]].onset;
    Event event{onset, {}, 0};
    std::size_t last = first;
    for (; last < indices.size() && notes[indices[last]].onset == onset; ++last) {
      if (event.keys.size() < kFingers) event.keys.push_back(down_key(indices[last], true));
    }
    std::erase_if(down, [&](std::size_t index) { return notes[index].offset() <= onset; });
    for (const std::size_t index : down) {
      if (event.keys.size() < kFingers) event.keys.push_back(down_key(index, false));
    }
    std::sort(event.keys.begin(), event.keys.end(),
              [](const DownKey& a, const DownKey& b) { return a.place < b.place; });
    down.clear();
    for (std::size_t k = 0; k < event.keys.size(); ++k) {
      down.push_back(event.keys[k].note);
      if (event.keys[k].struck) event.line = k;  // the outermost: the melody's side, or the bass
    }
    events.push_back(std::move(event));
    first = last;
  }
  return events;
}

/// Second-order Viterbi search: a state is the grip of the event before and that of the event.
class FingerSearch {
 public:
  explicit FingerSearch(const std::vector<Event>& events) : events_(events) {
    for (const Event& event : events) grips_.push_back(grips(event.keys.size()));
  }

  std::vector<Grip> run() {
    std::vector<double> cost;  // [grips of the event before * grips of the event]
    for (const Grip& grip : grips_[0]) cost.push_back(start_cost(events_[0], grip));
    for (std::size_t t = 1; t < events_.size(); ++t) cost = advance(t, cost);
    auto state = static_cast<std::size_t>(std::min_element(cost.begin(), cost.end()) - cost.begin());
    std::vector<Grip> best(events_.size());
    for (std::size_t t = events_.size(); t-- > 0;) {
      const std::size_t size = grips_[t].size();
      best[t] = grips_[t][state % size];
      if (t > 0) state = came_from_[t - 1][state] * grips_[t - 1].size() + state / size;
    }
    return best;
  }

 private:
  std::vector<double> advance(std::size_t t, const std::vector<double>& cost) {
    const std::vector<Grip>&before = grips_[t - 1], &here = grips_[t];
    const std::size_t earlier = t > 1 ? grips_[t - 2].size() : 1;
    std::vector<double> next(before.size() * here.size());
    came_from_.emplace_back(next.size());
    for (std::size_t b = 0; b < before.size(); ++b) {
      for (std::size_t c = 0; c < here.size(); ++c) {
        double least = kInfinity;
        for (std::size_t a = 0; a < earlier; ++a) {
          double value = cost[a * before.size() + b];
          if (t > 1) {
            value += turn_cost(events_[t - 2], grips_[t - 2][a], events_[t - 1], before[b], events_[t], here[c]);
          }
          if (value >= least) continue;
          least = value;
          came_from_.back()[b * here.size() + c] = static_cast<std::uint8_t>(a);
        }
        next[b * here.size() + c] = least + step_cost(events_[t - 1], before[b], events_[t], here[c]);
      }
    }
    return next;
  }

  const std::vector<Event>& events_;
  std::vector<std::vector<Grip>> grips_;              // [events]
  std::vector<std::vector<std::uint8_t>> came_from_;  // [events - 1][states] grip two events before
};

std::vector<std::size_t> of_hand(std::span<const Note> notes, Hand hand) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    if (notes[i].hand == hand) indices.push_back(i);
  }
  std::stable_sort(indices.begin(), indices.end(),
                   [&](std::size_t a, std::size_t b) { return notes[a].onset < notes[b].onset; });
  return indices;
}

}  // namespace

std::vector<std::uint8_t> find_fingers(std::span<const Note> notes) {
  std::vector<std::uint8_t> fingers(notes.size(), 0);
  for (const Hand hand : {Hand::right, Hand::left}) {
    const std::vector<std::size_t> indices = of_hand(notes, hand);
    if (indices.empty()) continue;
    const std::vector<Event> events = events_of(notes, indices, hand);
    const std::vector<Grip> best = FingerSearch(events).run();
    for (std::size_t t = 0; t < events.size(); ++t) {
      for (std::size_t k = 0; k < events[t].keys.size(); ++k) {
        if (events[t].keys[k].struck) fingers[events[t].keys[k].note] = best[t][k];
      }
    }
  }
  return fingers;
}

double fingering_cost(std::span<const Note> notes, std::span<const std::uint8_t> fingers) {
  if (notes.empty()) return 0.0;
  const std::vector<std::size_t> indices = of_hand(notes, notes.front().hand);
  const std::vector<Event> events = events_of(notes, indices, notes.front().hand);
  std::vector<Grip> chosen(events.size());
  for (std::size_t t = 0; t < events.size(); ++t) {
    for (std::size_t k = 0; k < events[t].keys.size(); ++k) {
      chosen[t][k] = fingers[events[t].keys[k].note];
      if (k > 0 && chosen[t][k] <= chosen[t][k - 1]) return kInfinity;
    }
  }
  double cost = start_cost(events[0], chosen[0]);
  for (std::size_t t = 1; t < events.size(); ++t) {
    cost += step_cost(events[t - 1], chosen[t - 1], events[t], chosen[t]);
    if (t > 1) {
      cost += turn_cost(events[t - 2], chosen[t - 2], events[t - 1], chosen[t - 1], events[t], chosen[t]);
    }
  }
  return cost;
}

}  // namespace pop2piano
