// SPDX-License-Identifier: MIT
// Rhythms and figures that accompanists play, drawn at random: per bar, in beats.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/core/random.h"

namespace pop2piano {

/// One stroke of a bar's rhythm.
struct Stroke {
  double at = 0;        ///< beats from the bar's start
  double length = 1;    ///< beats
  double strength = 1;  ///< 0..1
};
using Rhythm = std::vector<Stroke>;

/// A bar of `beats` beats: a known pattern (whole, half, quarter, eighth, off-beat, pushes, ...) or one drawn stroke by
/// stroke on a grid of 8ths or 16ths.
[[nodiscard]] Rhythm draw_chord_rhythm(int beats, Random& random);
[[nodiscard]] Rhythm draw_bass_rhythm(int beats, Random& random);
/// A rhythm in which some strokes are missing: riffs and counter-melodies. At least one stroke.
[[nodiscard]] Rhythm draw_riff_rhythm(int beats, Random& random);

/// What a drummer repeats, on 4 cells to a beat. 0 = rest, else strength.
struct DrumPattern {
  static constexpr std::size_t kCells = 16;
  int beats = 4;
  std::array<float, kCells> kick{}, snare{}, closed_hat{}, open_hat{}, ride{}, ghost{}, clap{}, shaker{}, tambourine{};
  double swing = 0;  ///< beats by which every second 16th (or 8th) is late
};

/// `energy` 0..1: how much is played.
[[nodiscard]] DrumPattern draw_drum_pattern(int beats, double energy, Random& random);

/// The order in which `tones` chord tones are broken, as indices; repeats bar by bar.
[[nodiscard]] std::vector<int> draw_arpeggio_order(int tones, Random& random);

}  // namespace pop2piano
