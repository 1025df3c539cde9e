// SPDX-License-Identifier: MIT
// How hard each level of an arrangement is: means over songs, and how often an easier level asks for more.
#pragma once

#include <pop2piano/score.h>

#include <array>
#include <cstddef>

#include "music/arrange/difficulty.h"

namespace pop2piano {

using SongLevels = std::array<Score, kFullLevel>;  ///< one song arranged for every level, the easiest first

class LevelTable {
 public:
  void add(const SongLevels& levels);
  void print() const;

 private:
  struct Level {
    Demands demands;  // sums over songs, but the widest span
    std::size_t notes = 0, unplayable = 0;
  };
  std::array<Level, kFullLevel> levels_;
  std::size_t songs_ = 0;
  std::array<std::size_t, 5> rises_{};  // of each figure from a level to the easier one
  std::array<double, 5> worst_{};       // the largest of these
};

}  // namespace pop2piano
