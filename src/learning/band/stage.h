// SPDX-License-Identifier: MIT
// What all players of an arrangement share: bars, sections and their energy, the clock. Used by the arranger's parts.
#pragma once

#include <vector>

#include "base/core/random.h"
#include "learning/studio/arrangement.h"

namespace pop2piano {

struct BandBar {
  double start = 0;  ///< beats
  int beats = 4;
  int section = 0;
};

struct Section {
  std::size_t first_bar = 0, bar_count = 4;
  double energy = 0.5;   ///< 0..1
  bool has_tune = true;  ///< the melody plays in at least a quarter of it
  bool intro = false;    ///< before the tune's first note
};

struct Stage {
  const SymbolicSong* song = nullptr;
  const BeatGrid* performed = nullptr;
  std::vector<BandBar> bars;
  std::vector<Section> sections;
  std::size_t font_count = 1;
  SingerKind singers = SingerKind::usual;

  [[nodiscard]] double time_at(double beat) const { return performed->time_at(beat); }
  [[nodiscard]] const Section& section_of(const BandBar& bar) const {
    return sections[static_cast<std::size_t>(bar.section)];
  }
};

/// Cuts the song into bars (at downbeats) and sections of 4 or 8 bars, and gives each section its energy: half the
/// liveliness of the piano there, half chance.
[[nodiscard]] Stage make_stage(const SymbolicSong& song, const BeatGrid& performed, std::size_t font_count,
                               Random& random);

/// Per section: whether a layer that enters at about this energy plays. At least one section is on.
[[nodiscard]] std::vector<bool> draw_activity(const Stage& stage, double threshold, Random& random);

/// A player's timing: a constant lead or lag and an error for each note (sd), seconds.
struct HumanTiming {
  double shift_s = 0, error_s = 0.006;
  [[nodiscard]] double of(double time, Random& random) const { return time + shift_s + error_s * random.normal(); }
};
[[nodiscard]] HumanTiming draw_timing(Random& random);

// Players. Each draws its instrument, pattern, sections and channel strip.
[[nodiscard]] BandTrack chord_part(const Stage& stage, Random& random);
[[nodiscard]] BandTrack pad_part(const Stage& stage, Random& random);
[[nodiscard]] BandTrack power_part(const Stage& stage, Random& random);
[[nodiscard]] BandTrack riff_part(const Stage& stage, Random& random);
[[nodiscard]] BandTrack stab_part(const Stage& stage, Random& random);
[[nodiscard]] BandTrack bass_part(const Stage& stage, Random& random);
[[nodiscard]] BandTrack bridge_part(const Stage& stage, Random& random);
[[nodiscard]] BandTrack piano_part(const Stage& stage, Random& random);
/// The same part played again, as guitars are recorded: other timing, often another instrument and amplifier.
[[nodiscard]] BandTrack second_take(const BandTrack& first, std::size_t font_count, Random& random);
void add_drums(const Stage& stage, Random& random, Arrangement& arrangement);
/// The tune: instrument or voice, doubles, harmonies; spoken stretches where there is no tune.
void add_lead(const Stage& stage, Random& random, Arrangement& arrangement);

/// A random amplifier, from slightly dirty to fully distorted.
[[nodiscard]] AmplifierOptions draw_amplifier(Random& random);

}  // namespace pop2piano
