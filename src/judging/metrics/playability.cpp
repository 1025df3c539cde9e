// SPDX-License-Identifier: MIT
#include "judging/metrics/playability.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>

namespace pop2piano {
namespace {

// Notes struck together, as indices into the cover, from low to high.
struct StruckChord {
  double time = 0.0;
  std::vector<std::size_t> notes;
};

std::vector<StruckChord> chords_of(std::span<const PlayedNote> notes, double simultaneous) {
  std::vector<std::size_t> order(notes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return notes[a].onset < notes[b].onset; });
  std::vector<StruckChord> chords;
  for (const std::size_t i : order) {
    if (chords.empty() || notes[i].onset > chords.back().time + simultaneous) chords.push_back({notes[i].onset, {}});
    chords.back().notes.push_back(i);
  }
  for (StruckChord& chord : chords) {
    std::stable_sort(chord.notes.begin(), chord.notes.end(),
                     [&](std::size_t a, std::size_t b) { return notes[a].pitch < notes[b].pitch; });
  }
  return chords;
}

// A hand while it plays: what it holds and where it is.
struct HandState {
  std::vector<std::size_t> held;
  double low = 0.0, high = 0.0;      // semitones, of what is held
  double middle = 0.0, time = -1e9;  // of the last strike

  [[nodiscard]] double span() const { return held.empty() ? 0.0 : high - low; }

  // Keys whose note is over at `time` are let go; keys struck again are held once.
  void release(std::span<const PlayedNote> notes, double at) {
    std::erase_if(held, [&](std::size_t i) { return notes[i].offset <= at; });
    measure(notes);
  }
  void strike(std::span<const PlayedNote> notes, std::span<const std::size_t> struck, double at) {
    for (const std::size_t i : struck) {
      std::erase_if(held, [&](std::size_t other) { return notes[other].pitch == notes[i].pitch; });
      held.push_back(i);
    }
    measure(notes);
    if (!struck.empty()) {
      middle = (notes[struck.front()].pitch + notes[struck.back()].pitch) / 2.0;
      time = at;
    }
  }

 private:
  void measure(std::span<const PlayedNote> notes) {
    low = 1e9, high = -1e9;
    for (const std::size_t i : held) {
      low = std::min(low, notes[i].pitch);
      high = std::max(high, notes[i].pitch);
    }
  }
};

// A way to share the notes so far. The decisions form a tree, so that hypotheses share their past.
struct Decision {
  std::size_t lower;  // how many notes of the chord the left hand takes
  std::shared_ptr<const Decision> before;
};
struct Hypothesis {
  std::array<HandState, 2> hands;  // left, right
  double cost = 0.0;
  std::shared_ptr<const Decision> decisions;
};

// Weights in one currency: a semitone of movement costs 1. They order what a pianist avoids: an impossible grip, then
// crossed hands, then wide moves.
double grip_cost(const HandState& hand, const PlayabilityOptions& options) {
  const double too_wide = std::max(0.0, hand.span() - options.span_limit);
  const double too_many =
      hand.held.size() > options.finger_limit ? static_cast<double>(hand.held.size() - options.finger_limit) : 0.0;
  return 20.0 * too_wide + 100.0 * too_many + 0.2 * hand.span();
}

constexpr double kRestPitch[] = {48.0, 67.0};  // where hands are before they have played

Hypothesis extended(const Hypothesis& from, const StruckChord& chord, std::size_t lower,
                    std::span<const PlayedNote> notes, const PlayabilityOptions& options) {
  Hypothesis next{from.hands, from.cost, std::make_shared<const Decision>(Decision{lower, from.decisions})};
  const std::span<const std::size_t> all(chord.notes);
  const std::array<std::span<const std::size_t>, 2> parts = {all.first(lower), all.subspan(lower)};
  for (std::size_t h = 0; h < 2; ++h) {
    HandState& hand = next.hands[h];
    const double before = hand.time < 0.0 ? kRestPitch[h] : hand.middle;
    const double seconds = std::max(0.05, chord.time - hand.time);
    hand.release(notes, chord.time);
    hand.strike(notes, parts[h], chord.time);
    if (!parts[h].empty()) next.cost += std::abs(hand.middle - before) / std::max(1.0, 2.0 * seconds);
    next.cost += grip_cost(hand, options);
  }
  const bool crossed =
      !next.hands[0].held.empty() && !next.hands[1].held.empty() && next.hands[0].high > next.hands[1].low;
  if (crossed) next.cost += 10.0;
  return next;
}

struct Tally {
  std::size_t unplayable = 0, crossings = 0, leaps = 0, repetitions = 0, grips = 0, most = 0;
  double widest = 0.0, spans = 0.0;
};

void count_grips(const std::array<HandState, 2>& hands, const PlayabilityOptions& options, Tally& tally) {
  bool unplayable = false;
  for (const HandState& hand : hands) {
    unplayable = unplayable || hand.span() > options.span_limit || hand.held.size() > options.finger_limit;
    tally.most = std::max(tally.most, hand.held.size());
    tally.widest = std::max(tally.widest, hand.span());
    if (hand.held.size() < 2) continue;
    tally.spans += hand.span();
    ++tally.grips;
  }
  tally.unplayable += unplayable;
  tally.crossings += !hands[0].held.empty() && !hands[1].held.empty() && hands[0].high > hands[1].low;
}

Tally play(std::span<const PlayedNote> notes, std::span<const Hand> hands_of_notes, std::span<const StruckChord> chords,
           const PlayabilityOptions& options) {
  Tally tally;
  std::array<HandState, 2> hands;
  std::map<double, double> last_strike;  // pitch -> time
  for (const StruckChord& chord : chords) {
    for (std::size_t h = 0; h < 2; ++h) {
      std::vector<std::size_t> struck;
      for (const std::size_t i : chord.notes) {
        if ((hands_of_notes[i] == Hand::left) == (h == 0)) struck.push_back(i);
      }
      const HandState before = hands[h];
      hands[h].release(notes, chord.time);
      hands[h].strike(notes, struck, chord.time);
      const bool in_time = !struck.empty() && chord.time - before.time <= options.leap_time;
      tally.leaps += in_time && std::abs(hands[h].middle - before.middle) > options.leap;
    }
    for (const std::size_t i : chord.notes) {
      const auto [at, is_new] = last_strike.try_emplace(notes[i].pitch, notes[i].onset);
      tally.repetitions += !is_new && notes[i].onset - at->second < options.repetition_time;
      at->second = notes[i].onset;
    }
    count_grips(hands, options, tally);
  }
  return tally;
}

}  // namespace

std::vector<Hand> share_between_hands(std::span<const PlayedNote> notes, const PlayabilityOptions& options) {
  const std::vector<StruckChord> chords = chords_of(notes, options.simultaneous);
  std::vector<Hypothesis> beam(1);
  for (const StruckChord& chord : chords) {
    std::vector<Hypothesis> next;
    for (const Hypothesis& hypothesis : beam) {
      for (std::size_t lower = 0; lower <= chord.notes.size(); ++lower) {
        next.push_back(extended(hypothesis, chord, lower, notes, options));
      }
    }
    const std::size_t keep = std::min(next.size(), std::max<std::size_t>(1, options.hypotheses));
    std::stable_sort(next.begin(), next.end(),
                     [](const Hypothesis& a, const Hypothesis& b) { return a.cost < b.cost; });
    next.resize(keep);
    beam = std::move(next);
  }
  std::vector<Hand> hands(notes.size(), Hand::right);
  std::shared_ptr<const Decision> decision = beam.front().decisions;
  for (std::size_t c = chords.size(); c-- > 0; decision = decision->before) {
    for (std::size_t i = 0; i < decision->lower; ++i) hands[chords[c].notes[i]] = Hand::left;
  }
  return hands;
}

PlayabilityScores measure_playability(std::span<const PlayedNote> notes, std::span<const Hand> hands,
                                      const PlayabilityOptions& options) {
  if (notes.empty()) {
    const Measure none = Measure::undefined("the cover has no notes");
    return {none, none, none, none, none, none, none};
  }
  if (!hands.empty() && hands.size() != notes.size()) {
    throw Error(ErrorCode::invalid_argument, "playability: expected a hand for each of " +
                                                 std::to_string(notes.size()) + " notes, found " +
                                                 std::to_string(hands.size()));
  }
  const bool given = std::any_of(hands.begin(), hands.end(), [](Hand hand) { return hand != Hand::unassigned; });
  const std::vector<Hand> shared =
      given ? std::vector<Hand>(hands.begin(), hands.end()) : share_between_hands(notes, options);
  const std::vector<StruckChord> chords = chords_of(notes, options.simultaneous);
  const Tally tally = play(notes, shared, chords, options);
  const auto strikes = static_cast<double>(chords.size());
  double end = chords.front().time;
  for (const PlayedNote& note : notes) end = std::max(end, note.offset);
  const double length = end - chords.front().time;
  const auto rate = [length](std::size_t count) {
    return length > 0.0 ? Measure(static_cast<double>(count) / length) : Measure::undefined("the cover has no length");
  };
  return {static_cast<double>(tally.unplayable) / strikes,
          tally.widest,
          tally.grips > 0 ? Measure(tally.spans / static_cast<double>(tally.grips))
                          : Measure::undefined("no hand holds two notes"),
          static_cast<double>(tally.most),
          rate(tally.leaps),
          static_cast<double>(tally.crossings) / strikes,
          rate(tally.repetitions)};
}

}  // namespace pop2piano
