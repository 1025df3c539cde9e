// SPDX-License-Identifier: MIT
// Where the beats of a recording lie in a MIDI file: ticks, and tempos that every program plays. Programs that read
// MIDI limit the tempo, some at 300, some at 999 a minute, and play all that follows late where a file goes beyond.
//
// A beat is a quarter note, or where the music is so fast or slow that a quarter would leave kFastestQuarter ..
// kSlowestQuarter, the note value half, a quarter, twice ... as long whose quarter stays inside. What comes sooner
// after the beat before than such a note may last shares its quarter, at its own time: so does the first beat of a
// recording that starts a few milliseconds before it.
#pragma once

#include <pop2piano/score.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace pop2piano {

inline constexpr int kMidiTicksPerQuarter = 480;
inline constexpr double kSameInstant = 0.0005;              ///< seconds; a first beat nearer to second 0 is at second 0
inline constexpr std::int64_t kFastestQuarter = 200'000;    ///< microseconds: 300 a minute
inline constexpr std::int64_t kSlowestQuarter = 3'000'000;  ///< microseconds: 20 a minute

/// Grid beat `first_beat` + i starts at ticks[i]; the last entry is the end of the last beat.
struct MidiBeats {
  int first_beat = 0;
  int unit = kMidiTicksPerQuarter;                             ///< ticks of a beat, a power of two times 15
  std::vector<std::int64_t> ticks;                             ///< at least two, ascending
  std::vector<std::pair<std::int64_t, std::uint32_t>> tempos;  ///< tick, microseconds per quarter
  Swing swing{};                                               ///< of the steps

  /// Of a step of the grid, not below 0.
  [[nodiscard]] std::int64_t tick_of(int step) const;
  /// Whole beats of the file from tick 0 to the one in which grid beat first_beat + i lies.
  [[nodiscard]] std::int64_t units_before(std::size_t i) const { return i == 0 ? 0 : ticks[i] / unit; }
  /// 2 to this power is the denominator of the time signature.
  [[nodiscard]] int denominator_power() const;
};

/// Ticks of a beat of the grid.
[[nodiscard]] int midi_beat_unit(const BeatGrid& grid);

/// Tick 0 is second 0; beats before it are left out, and the time before the first beat is filled with as many beats as
/// the median interval suggests. Reaches to `last_step` at least.
[[nodiscard]] MidiBeats beats_at_their_time(const BeatGrid& grid, int last_step);

/// `beats` beats from `first_beat` on at one tempo, the median rounded to whole beats a minute.
[[nodiscard]] MidiBeats beats_at_one_tempo(const BeatGrid& grid, int first_beat, int beats);

/// Whether a beat comes too soon after `before`, both in seconds, to be the next beat of the file.
[[nodiscard]] bool shares_its_beat(double before, double beat, int unit);

}  // namespace pop2piano
