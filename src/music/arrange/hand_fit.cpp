// SPDX-License-Identifier: MIT
#include "music/arrange/hand_fit.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace pop2piano::hand_search {
namespace {

// Costs in the unit of the search: about one semitone of uncomfortable stretch. Set by hand like those of hands.cpp, in
// the order in which things shall give way. On the same 41 songs of POP909 (51.2 changes in 1,000 notes): kShorten 1
// gives 54.9 changes, 9 gives 48.2; kMove 5 gives 53.8, 30 gives 50.2; kDropDoubled 4 and 30 give 52.3 and 52.4; the
// others, halved or more, move it by less than 2. kShortenMelody and kDropBass stand for "only when nothing else is
// left": a tenth and a half of them give 50.3 and 51.2.
constexpr double kShorten = 3.0, kShortenPerBeat = 1.0, kShortenMelody = 200.0, kShortenBass = 2.0;
constexpr double kMove = 10.0, kDropDoubled = 12.0, kDropInner = 30.0, kDropBass = 60.0;

int pitch_class(int pitch) { return pitch % 12; }

bool has_pitch(std::span<const PressedKey> keys, int pitch) {
  return std::any_of(keys.begin(), keys.end(), [&](const PressedKey& key) { return key.pitch == pitch; });
}

bool has_pitch_class(std::span<const PressedKey> keys, const PressedKey& than) {
  return std::any_of(keys.begin(), keys.end(), [&](const PressedKey& key) {
    return key.index != than.index && pitch_class(key.pitch) == pitch_class(than.pitch);
  });
}

/// The pitch that the hand must reach: the melody, else the outer note of its side.
int anchor_pitch(Hand hand, std::span<const PressedKey> wanted) {
  const auto melody = std::find_if(wanted.begin(), wanted.end(), [](const PressedKey& key) { return key.melody; });
  if (melody != wanted.end()) return melody->pitch;
  return hand == Hand::right ? wanted.back().pitch : wanted.front().pitch;
}

/// Lowest pitch of the window of `max_span` semitones around the anchor that holds most of the notes; of equals the one
/// that reaches furthest to the hand's own side.
int best_window(Hand hand, std::span<const PressedKey> wanted, int anchor, int max_span) {
  int best = anchor, best_count = -1;
  for (int low = anchor - max_span; low <= anchor; ++low) {
    const auto count = static_cast<int>(std::count_if(wanted.begin(), wanted.end(), [&](const PressedKey& key) {
      return key.pitch >= low && key.pitch <= low + max_span;
    }));
    const bool better = hand == Hand::right ? count >= best_count : count > best_count;
    if (better) {
      best = low;
      best_count = count;
    }
  }
  return best;
}

class Fitting {
 public:
  Fitting(Hand hand, const Instant& instant, const HandOptions& options)
      : hand_(hand), instant_(instant), options_(options) {}

  HandFit run(std::span<const PressedKey> wanted, std::span<const PressedKey> held, bool keep_held_melody) {
    fit_.keys.assign(wanted.begin(), wanted.end());
    if (!wanted.empty()) {
      reach(wanted, held, keep_held_melody);
      thin_out();
    }
    const auto action = hand_ == Hand::right ? ActionKind::take_right : ActionKind::take_left;
    for (const PressedKey& key : fit_.keys) fit_.actions.push_back({action, key.index, 0});
    keep_what_fits(held);
    return std::move(fit_);
  }

 private:
  /// Notes beyond the hand's reach come nearer by octaves or are dropped.
  void reach(std::span<const PressedKey> wanted, std::span<const PressedKey> held, bool keep_held_melody) {
    const auto melody = std::find_if(held.begin(), held.end(), [](const PressedKey& key) { return key.melody; });
    const bool bound = keep_held_melody && melody != held.end();
    if (!bound && wanted.back().pitch - wanted.front().pitch <= options_.max_span) return;
    const int anchor = bound ? melody->pitch : anchor_pitch(hand_, wanted);
    const int low = best_window(hand_, wanted, anchor, options_.max_span);
    std::vector<PressedKey> outside;
    std::erase_if(fit_.keys, [&](const PressedKey& key) {
      const bool inside = key.pitch >= low && key.pitch <= low + options_.max_span;
      if (!inside) outside.push_back(key);
      return !inside;
    });
    for (const PressedKey& key : outside) bring_near(key, low);
    std::sort(fit_.keys.begin(), fit_.keys.end(),
              [](const PressedKey& a, const PressedKey& b) { return a.pitch < b.pitch; });
  }

  void bring_near(PressedKey key, int low) {
    if (has_pitch_class(fit_.keys, key)) return drop(key);
    const int octaves_up = key.pitch < low ? (low - key.pitch + 11) / 12 : 0;
    const int high = low + options_.max_span;
    const int octaves_down = key.pitch > high ? (key.pitch - high + 11) / 12 : 0;
    const int pitch = key.pitch + 12 * (octaves_up - octaves_down);
    if (pitch < low || pitch > high || has_pitch(instant_.chord, pitch) || has_pitch(instant_.sounding, pitch)) {
      return drop(key);
    }
    fit_.cost += kMove + (key.bass ? kDropBass - kMove : 0.0);
    fit_.actions.push_back({ActionKind::move, key.index, pitch});
    key.pitch = static_cast<std::int16_t>(pitch);
    fit_.keys.push_back(key);
  }

  void drop(const PressedKey& key) {
    fit_.cost += key.bass ? kDropBass : has_pitch_class(instant_.chord, key) ? kDropDoubled : kDropInner;
    fit_.actions.push_back({ActionKind::drop, key.index, 0});
  }

  /// At most max_notes: doubled pitch classes go first, then the note in the middle.
  void thin_out() {
    const auto limit = static_cast<std::size_t>(options_.max_notes);
    while (fit_.keys.size() > limit) {
      auto victim = fit_.keys.end();
      for (auto it = fit_.keys.begin(); it != fit_.keys.end(); ++it) {
        if (!it->melody && !it->bass && has_pitch_class(fit_.keys, *it)) victim = it;
      }
      if (victim == fit_.keys.end()) {
        victim = fit_.keys.begin() + static_cast<std::ptrdiff_t>(fit_.keys.size() / 2);
        if (victim->melody) --victim;
      }
      drop(*victim);
      fit_.keys.erase(victim);
    }
  }

  /// Held notes stay down as far as the hand reaches; the furthest are let go first.
  void keep_what_fits(std::span<const PressedKey> held) {
    std::vector<PressedKey> staying(held.begin(), held.end());
    while (!staying.empty() && !fit_.keys.empty() && !playable(staying)) {
      const auto victim =
          std::max_element(staying.begin(), staying.end(),
                           [&](const PressedKey& a, const PressedKey& b) { return reluctance(a) < reluctance(b); });
      let_go(*victim);
      staying.erase(victim);
    }
    fit_.keys.insert(fit_.keys.end(), staying.begin(), staying.end());
  }

  [[nodiscard]] bool playable(std::span<const PressedKey> staying) const {
    if (fit_.keys.size() + staying.size() > static_cast<std::size_t>(options_.max_notes)) return false;
    int low = fit_.keys.front().pitch, high = low;
    for (const std::span<const PressedKey> keys : {std::span<const PressedKey>(fit_.keys), staying}) {
      for (const PressedKey& key : keys) {
        low = std::min<int>(low, key.pitch);
        high = std::max<int>(high, key.pitch);
      }
    }
    return high - low <= options_.max_span;
  }

  /// How much letting go helps: distance from the new notes, less for the melody.
  [[nodiscard]] int reluctance(const PressedKey& key) const {
    int low = fit_.keys.front().pitch, high = low;
    for (const PressedKey& other : fit_.keys) {
      low = std::min<int>(low, other.pitch);
      high = std::max<int>(high, other.pitch);
    }
    const int beyond = std::max({0, high - options_.max_span - key.pitch, key.pitch - low - options_.max_span});
    if (beyond > 0) return 1000 + beyond;
    return std::max(high - key.pitch, key.pitch - low) - (key.melody ? 100 : 0);
  }

  void let_go(const PressedKey& key) {
    const double beats = static_cast<double>(key.offset - instant_.onset) / kStepsPerBeat;
    fit_.cost += kShorten + kShortenPerBeat * std::min(beats, 4.0) + (key.melody ? kShortenMelody : 0.0) +
                 (key.bass ? kShortenBass : 0.0);
    fit_.actions.push_back({ActionKind::shorten, key.index, instant_.onset});
  }

  Hand hand_;
  const Instant& instant_;
  const HandOptions& options_;
  HandFit fit_;
};

}  // namespace

HandFit fit_hand(Hand hand, std::span<const PressedKey> wanted, std::span<const PressedKey> held,
                 const Instant& instant, const HandOptions& options, bool keep_held_melody) {
  return Fitting(hand, instant, options).run(wanted, held, keep_held_melody);
}

}  // namespace pop2piano::hand_search
