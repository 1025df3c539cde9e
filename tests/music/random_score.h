// SPDX-License-Identifier: MIT
// Random grids and scores for property tests.
#pragma once

#include <pop2piano/score.h>

#include <algorithm>

#include "base/core/random.h"
#include "music/score/clean_notes.h"

namespace pop2piano::testing {

/// Beats with drift and now and then a jump of tempo, a pickup, and a bar of another length.
inline BeatGrid random_grid(Random& random, std::size_t beats) {
  BeatGrid grid;
  grid.beats_per_bar = random.chance(0.7) ? 4 : static_cast<int>(2 + random.index(5));
  double interval = std::max(0.23, 60.0 / random.uniform(30.0, 300.0));
  double time = random.chance(0.2) ? 0.01 : random.chance(0.2) ? 7.0 : random.uniform(-1.0, 4.0);
  int number = 1 + static_cast<int>(random.index(static_cast<std::size_t>(grid.beats_per_bar)));
  int bar = grid.beats_per_bar;
  for (std::size_t i = 0; i < beats; ++i) {
    grid.times.push_back(time);
    grid.numbers.push_back(number);
    time += interval * random.uniform(0.9, 1.1);
    interval *= random.uniform(0.99, 1.01);
    if (random.chance(0.02)) interval *= random.uniform(0.6, 1.6);
    interval = std::clamp(interval, 0.23, 2.0);  // a MIDI file has a quarter of its own for each
    if (++number > bar) {
      number = 1;
      bar = random.chance(0.05) ? static_cast<int>(1 + random.index(7)) : grid.beats_per_bar;
    }
  }
  return grid;
}

/// Chords of up to six notes at multiples of `step_unit` within the grid; no key is struck while it is down.
inline Score random_score(Random& random, std::size_t beats, std::size_t note_count, int step_unit = 1) {
  Score score;
  score.title = "Random";
  score.grid = random_grid(random, beats);
  const std::size_t units = beats * kStepsPerBeat / static_cast<std::size_t>(step_unit);
  while (score.notes.size() < note_count) {
    const int onset = static_cast<int>(random.index(units)) * step_unit;
    const std::size_t chord = 1 + random.index(6);
    for (std::size_t i = 0; i < chord; ++i) {
      Note note;
      note.onset = onset;
      note.duration = step_unit * static_cast<int>(1 + random.index(48 / static_cast<std::size_t>(step_unit)));
      note.pitch = static_cast<std::int16_t>(kLowestPianoPitch + static_cast<int>(random.index(88)));
      note.velocity = static_cast<std::int16_t>(1 + random.index(127));
      note.voice = random.chance(0.3) ? Voice::melody : Voice::accompaniment;
      note.hand = random.chance(0.5) ? Hand::right : Hand::left;
      score.notes.push_back(note);
    }
  }
  resolve_overlaps(score.notes);
  return score;
}

}  // namespace pop2piano::testing
