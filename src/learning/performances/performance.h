// SPDX-License-Identifier: MIT
// Piano performances made from scores: timing, touch, rolled chords and pedal are drawn, so that what is played is
// known exactly. They sound like a machine that was told to vary, not like a pianist's intentions.
#pragma once

#include <span>
#include <vector>

#include "base/core/random.h"
#include "music/score/played_note.h"

namespace pop2piano {

struct PerformedNote {
  double onset = 0.0;    ///< seconds
  double release = 0.0;  ///< of the key
  double end = 0.0;      ///< where it stops sounding: damped, struck anew, or died away
  int pitch = 60;        ///< MIDI, 21..108
  int velocity = 64;     ///< 1..127
};

struct PerformedPedal {
  double down = 0.0, up = 0.0;  ///< seconds
};

/// Notes by onset; no key is struck while it is down. Pedal spans by time, apart from each other.
struct PianoPerformance {
  std::vector<PerformedNote> notes;
  std::vector<PerformedPedal> pedal;
};

/// A stretch of `seconds` of the notes (where they are fewer, all), transposed, played and pedalled as `random` says.
/// May be empty.
[[nodiscard]] PianoPerformance perform(std::span<const PlayedNote> notes, double seconds, Random random);

/// What no score has: runs, clusters, repeated keys and lonely notes over the whole keyboard, with touch and pedal.
[[nodiscard]] PianoPerformance perform_textures(double seconds, Random random);

/// Brings notes into an order that a keyboard allows (struck keys go up before they are struck again, doubles are left
/// out) and finds where each stops sounding.
void finish_performance(PianoPerformance& performance);

/// Pedal that changes where the lowest notes change, or regularly, or not at all.
[[nodiscard]] std::vector<PerformedPedal> draw_pedal(std::span<const PerformedNote> notes, double seconds,
                                                     Random& random);

}  // namespace pop2piano
