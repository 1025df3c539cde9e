// SPDX-License-Identifier: MIT
// One hand at one instant: what it can take of the new notes, and which held notes it must let go.
#pragma once

#include <pop2piano/score.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "music/arrange/hands.h"

namespace pop2piano::hand_search {

/// A note as the search sees it. `index` refers to the notes that are being assigned.
struct PressedKey {
  std::uint32_t index = 0;
  std::int32_t offset = 0;  // step at which it ends
  std::int16_t pitch = 60;
  bool melody = false;
  bool bass = false;  // the lowest of its chord
};

enum class ActionKind : std::uint8_t { take_right, take_left, shorten, move, drop };

struct Action {
  ActionKind kind = ActionKind::take_right;
  std::uint32_t index = 0;
  std::int32_t value = 0;  // shorten: new offset; move: new pitch
};

/// What one hand does at `onset`. `keys` are held afterwards.
struct HandFit {
  std::vector<PressedKey> keys;
  std::vector<Action> actions;
  double cost = 0.0;
};

/// What the fit has to respect.
struct Instant {
  std::int32_t onset = 0;
  std::span<const PressedKey> chord;     // all new notes of both hands, by pitch
  std::span<const PressedKey> sounding;  // of both hands before
};

/// `wanted`: the new notes for this hand, by pitch. `held`: what it holds, none of which has ended. When
/// `keep_held_melody` the held melody is not let go; the new notes give way.
[[nodiscard]] HandFit fit_hand(Hand hand, std::span<const PressedKey> wanted, std::span<const PressedKey> held,
                               const Instant& instant, const HandOptions& options, bool keep_held_melody);

}  // namespace pop2piano::hand_search
