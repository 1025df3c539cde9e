// SPDX-License-Identifier: MIT
#include "level_table.h"

#include <algorithm>
#include <cstdio>

#include "music/arrange/hands.h"

namespace pop2piano {
namespace {

constexpr std::array<const char*, 5> kFigures = {"notes/beat", "span", "leaps/bar", "rhythm", "polyphony"};
constexpr int kTenth = 15;  // semitones, the reach that all are arranged for

std::array<double, 5> values_of(const Demands& demands) {
  return {demands.notes_per_beat, static_cast<double>(demands.max_span), demands.leaps_per_bar, demands.rhythm,
          demands.polyphony};
}

}  // namespace

void LevelTable::add(const SongLevels& levels) {
  ++songs_;
  std::array<double, 5> easier{};
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const Demands demands = demands_of(levels[i]);
    Level& sum = levels_[i];
    sum.notes += levels[i].notes.size();
    sum.unplayable += count_unplayable(levels[i].notes, reach_of(static_cast<int>(i) + 1, kTenth));
    sum.demands.notes_per_beat += demands.notes_per_beat;
    sum.demands.leaps_per_bar += demands.leaps_per_bar;
    sum.demands.rhythm += demands.rhythm;
    sum.demands.polyphony += demands.polyphony;
    sum.demands.max_span = std::max(sum.demands.max_span, demands.max_span);
    const std::array<double, 5> values = values_of(demands);
    for (std::size_t k = 0; i > 0 && k < values.size(); ++k) {
      const double rise = easier[k] - values[k];
      if (rise <= 0.0) continue;
      ++rises_[k];
      worst_[k] = std::max(worst_[k], rise);
    }
    easier = values;
  }
}

void LevelTable::print() const {
  const double songs = static_cast<double>(std::max<std::size_t>(1, songs_));
  std::printf("level  scores   notes  notes/beat  span  leaps/bar  rhythm/bar    polyphony  unplayable\n");
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    const Level& level = levels_[i];
    std::printf("%zu      %6zu  %6zu  %10.2f  %4d  %9.2f  %10.2f  %11.2f  %10zu\n", i + 1, songs_, level.notes,
                level.demands.notes_per_beat / songs, level.demands.max_span, level.demands.leaps_per_bar / songs,
                level.demands.rhythm / songs, level.demands.polyphony / songs, level.unplayable);
  }
  std::printf("harder than the next level, of %zu pairs (by how much at most):", songs_ * (levels_.size() - 1));
  for (std::size_t k = 0; k < kFigures.size(); ++k) std::printf("  %s %zu (%.2f)", kFigures[k], rises_[k], worst_[k]);
  std::printf("\n");
}

}  // namespace pop2piano
