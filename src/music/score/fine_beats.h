// SPDX-License-Identifier: MIT
// Exact times of a score on the grid of steps: beats whose notes do not lie on twelfths get places of their own
// (BeatGrid::fine), and beats with more places than a grid of 12 steps can hold are cut into shorter ones.
#pragma once

#include <pop2piano/score.h>

#include <cstddef>
#include <span>
#include <vector>

namespace pop2piano {

/// Times in 64th notes from beat 0 of the grid, fractional.
class FineGrid {
 public:
  /// `grid` has no fine beats yet; its `times` may be empty. `moments`: onsets and ends of all notes.
  FineGrid(BeatGrid grid, std::span<const double> moments);

  /// With fine beats, and beats cut.
  [[nodiscard]] const BeatGrid& grid() const { return grid_; }
  /// [beats + 1] where the beats begin, in 64th notes.
  [[nodiscard]] const std::vector<int>& starts() const { return starts_; }
  /// The step that stands for a moment (one of `moments`; else the nearest).
  [[nodiscard]] int step_at(double moment) const;
  /// The beat, fractional.
  [[nodiscard]] double beat_at(double moment) const;
  /// How many moments no place could be found for, so that they lie on that of another or beside their own.
  [[nodiscard]] std::size_t moved() const { return moved_; }

 private:
  void cut_full_beats(std::span<const double> moments);
  void fill(std::span<const double> moments);

  BeatGrid grid_;
  std::vector<int> starts_;
  std::size_t moved_ = 0;
};

/// A place within a beat (0..1) in kFineParts: the twelfth or the part of 5, 7, 8, 9, .. that lies within `tolerance`
/// (of the beat), else the nearest.
[[nodiscard]] int fine_place(double within, double tolerance = 0.0015);

}  // namespace pop2piano
