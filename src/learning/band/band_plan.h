// SPDX-License-Identifier: MIT
// What all players of an arrangement agree on before they play: bars, sections and their energy, the clock.
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
  double energy = 0.5;     ///< 0..1
  bool has_melody = true;  ///< the melody plays in at least a quarter of it
  bool intro = false;      ///< before the melody's first note
};

struct BandPlan {
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
[[nodiscard]] BandPlan make_band_plan(const SymbolicSong& song, const BeatGrid& performed, std::size_t font_count,
                                      Random& random);

/// Per section: whether a layer that enters at about this energy plays. At least one section is on.
[[nodiscard]] std::vector<bool> draw_activity(const BandPlan& plan, double threshold, Random& random);

}  // namespace pop2piano
