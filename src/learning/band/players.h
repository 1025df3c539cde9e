// SPDX-License-Identifier: MIT
// Who plays what in an arrangement: each player draws an instrument, a pattern, the sections to play in, a channel
// strip.
#pragma once

#include "base/core/random.h"
#include "learning/band/band_plan.h"
#include "learning/studio/arrangement.h"

namespace pop2piano {

/// A player's timing: a constant lead or lag and an error for each note (sd), seconds.
struct HumanTiming {
  double shift_s = 0, error_s = 0.006;
  [[nodiscard]] double of(double time, Random& random) const { return time + shift_s + error_s * random.normal(); }
};
[[nodiscard]] HumanTiming draw_timing(Random& random);

[[nodiscard]] BandTrack chord_part(const BandPlan& plan, Random& random);
[[nodiscard]] BandTrack pad_part(const BandPlan& plan, Random& random);
[[nodiscard]] BandTrack power_part(const BandPlan& plan, Random& random);
[[nodiscard]] BandTrack riff_part(const BandPlan& plan, Random& random);
[[nodiscard]] BandTrack stab_part(const BandPlan& plan, Random& random);
[[nodiscard]] BandTrack bass_part(const BandPlan& plan, Random& random);
[[nodiscard]] BandTrack bridge_part(const BandPlan& plan, Random& random);
[[nodiscard]] BandTrack piano_part(const BandPlan& plan, Random& random);
/// The same part played again, as guitars are recorded: other timing, often another instrument and amplifier.
[[nodiscard]] BandTrack second_take(const BandTrack& first, std::size_t font_count, Random& random);
void add_drums(const BandPlan& plan, Random& random, Arrangement& arrangement);
/// The melody: instrument or voice, doubles, harmonies; spoken stretches where there is no melody.
void add_lead(const BandPlan& plan, Random& random, Arrangement& arrangement);

/// How a voice is recorded.
[[nodiscard]] ChannelStrip vocal_strip(Random& random);
/// A random amplifier, from slightly dirty to fully distorted.
[[nodiscard]] AmplifierOptions draw_amplifier(Random& random);

}  // namespace pop2piano
