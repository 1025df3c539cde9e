// SPDX-License-Identifier: MIT
// Music as the synthesisers need it: events at frames, in order, and the places where it may be cut into stretches that
// are played at the same time. Where it is cut depends on the music alone.
#pragma once

#include <pop2piano/render.h>

#include <cstdint>
#include <span>
#include <vector>

namespace pop2piano {

inline constexpr std::int64_t kSynthBlock = 64;  // frames that FluidSynth computes at once

/// In time, at the same time note-offs first, so that a repeated note sounds anew. Throws Error: invalid_argument (a
/// time that is not finite), unsupported (longer than 24 hours).
[[nodiscard]] std::vector<TimedEvent> in_order(std::span<const TimedEvent> events);

struct FramedEvent {
  std::int64_t frame = 0;
  TimedEvent event;
};

struct Music {
  int sample_rate = 44100;
  std::vector<FramedEvent> events;   // in order
  std::int64_t end = 0;              // frame of the last event, or more
  std::vector<std::int64_t> starts;  // of the stretches: 0, then rising multiples of kSynthBlock

  [[nodiscard]] std::int64_t frames_in(double seconds) const;
};

enum class Cutting : std::uint8_t {
  none,                ///< one stretch
  where_little_sounds  ///< stretches of 12 to 36 seconds where that is possible
};

/// `least_seconds`: how long it lasts at least.
[[nodiscard]] Music music_of(std::span<const TimedEvent> events, double least_seconds, int sample_rate,
                             Cutting cutting = Cutting::where_little_sounds);

/// After how many frames the modulation of FluidSynth's reverberation is where it was and a block begins.
[[nodiscard]] std::int64_t reverb_period(int sample_rate);

}  // namespace pop2piano
