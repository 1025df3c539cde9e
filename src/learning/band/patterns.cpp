// SPDX-License-Identifier: MIT
#include "learning/band/patterns.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace pop2piano {
namespace {

// Strokes at the given beats, each held until the next (times `hold`).
Rhythm strokes_at(std::span<const double> places, int beats, double hold) {
  Rhythm rhythm;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] >= beats) break;
    const double next = i + 1 < places.size() ? std::min<double>(places[i + 1], beats) : beats;
    const bool on_beat = std::abs(places[i] - std::round(places[i])) < 0.01;
    rhythm.push_back({places[i], hold * (next - places[i]), places[i] == 0 ? 1.0 : on_beat ? 0.85 : 0.75});
  }
  return rhythm;
}

std::vector<double> every(double step, double first, int beats) {
  std::vector<double> places;
  for (double at = first; at < beats - 0.01; at += step) places.push_back(at);
  return places;
}

// Strong beats are likelier than off-beats, 16ths rare.
std::vector<double> random_places(int beats, double density, Random& random) {
  const bool sixteenths = random.chance(0.35);
  std::vector<double> places;
  for (int cell = 0; cell < 4 * beats; ++cell) {
    if (!sixteenths && cell % 2 != 0) continue;
    const double weight = cell == 0 ? 1.6 : cell % 8 == 0 ? 1.2 : cell % 4 == 0 ? 0.9 : cell % 2 == 0 ? 0.8 : 0.45;
    if (random.chance(density * weight)) places.push_back(0.25 * cell);
  }
  if (places.empty()) places.push_back(0);
  return places;
}

void set_cells(std::array<float, DrumPattern::kCells>& row, std::span<const int> cells, float strength) {
  for (const int cell : cells) {
    if (cell < static_cast<int>(row.size())) row[static_cast<std::size_t>(cell)] = strength;
  }
}

void draw_kick(DrumPattern& pattern, Random& random) {
  static const std::vector<std::vector<int>> kPatterns = {
      {0, 8},        {0, 8, 10},     {0, 6, 8},     {0, 4, 8, 12}, {0, 10},          {0, 7, 10}, {0, 3, 8, 11},
      {0, 2, 8, 10}, {0, 6, 10, 14}, {0, 3, 6, 8},  {0, 8, 14},    {0, 6, 8, 14},    {0},        {0, 7, 8},
      {0, 3, 10},    {0, 6, 11},     {0, 2, 7, 10}, {0, 10, 13},   {0, 4, 8, 10, 12}};
  set_cells(pattern.kick, kPatterns[random.index(kPatterns.size())], 1.0F);
  if (random.chance(0.3)) pattern.kick[random.index(DrumPattern::kCells)] = 0.8F;
}

void draw_snare(DrumPattern& pattern, double energy, Random& random) {
  const double draw = random.uniform();
  const float strength = 0.75F + 0.25F * static_cast<float>(energy);
  if (pattern.beats == 3) {
    set_cells(pattern.snare, random.chance(0.5) ? std::vector<int>{4, 8} : std::vector<int>{8}, strength);
  } else if (draw < 0.72) {
    set_cells(pattern.snare, std::vector<int>{4, 12}, strength);
  } else if (draw < 0.84) {
    set_cells(pattern.snare, std::vector<int>{8}, strength);
  } else if (draw < 0.92) {
    set_cells(pattern.snare, std::vector<int>{4, 10, 12}, strength);
  } else if (draw < 0.96) {
    set_cells(pattern.snare, std::vector<int>{2, 6, 10, 14}, strength);
  } else {
    set_cells(pattern.snare, std::vector<int>{3, 6, 12}, strength);
  }
  if (random.chance(0.3)) {
    for (float& cell : pattern.ghost) cell = random.chance(0.18) ? 0.3F : 0.0F;
  }
  if (random.chance(0.2)) pattern.clap = pattern.snare;
}

void draw_hats(DrumPattern& pattern, double energy, Random& random) {
  const double draw = random.uniform() + 0.3 * (energy - 0.5);
  auto& row = random.chance(0.2 + 0.2 * energy) ? pattern.ride : pattern.closed_hat;
  const int step = draw < 0.15 ? 4 : draw < 0.72 ? 2 : 1;
  for (int cell = 0; cell < static_cast<int>(row.size()); cell += step) {
    row[static_cast<std::size_t>(cell)] = cell % 4 == 0 ? 0.8F : cell % 2 == 0 ? 0.6F : 0.45F;
  }
  if (random.chance(0.12)) {
    row.fill(0);
    for (std::size_t cell = 2; cell < row.size(); cell += 4) pattern.open_hat[cell] = 0.7F;
  }
  if (random.chance(0.25)) pattern.open_hat[random.chance(0.5) ? 14 : 2 + 4 * random.index(4)] = 0.6F;
  if (random.chance(0.1)) row.fill(0);
}

}  // namespace

Rhythm draw_chord_rhythm(int beats, Random& random) {
  const double hold = random.chance(0.3) ? random.uniform(0.3, 0.6) : random.uniform(0.85, 1.0);
  switch (random.index(14)) {
    case 0:
      return strokes_at(every(beats, 0, beats), beats, hold);
    case 1:
      return strokes_at(every(2, 0, beats), beats, hold);
    case 2:
      return strokes_at(every(1, 0, beats), beats, hold);
    case 3:
      return strokes_at(every(0.5, 0, beats), beats, hold);
    case 4:
      return strokes_at(every(1, 0.5, beats), beats, std::min(hold, 0.6));
    case 5:
      return strokes_at(std::vector<double>{0, 1.5, 3}, beats, hold);
    case 6:
      return strokes_at(std::vector<double>{0, 1, 2.5, 3, 3.5}, beats, hold);
    case 7:
      return strokes_at(std::vector<double>{0, 1.5, 2.5, 3.5}, beats, hold);
    case 8:
      return strokes_at(std::vector<double>{0, 1, 1.5, 2.5, 3, 3.5}, beats, hold);
    case 9:
      return strokes_at(std::vector<double>{0, 0.75, 1.5, 2, 2.75, 3.5}, beats, hold);
    case 10:
      return strokes_at(every(0.25, 0, beats), beats, hold);
    case 11:
      return strokes_at(std::vector<double>{1, 3}, beats, std::min(hold, 0.5));
    case 12:
      return strokes_at(random_places(beats, 0.5, random), beats, hold);
    default:
      return strokes_at(random_places(beats, 0.3, random), beats, hold);
  }
}

Rhythm draw_bass_rhythm(int beats, Random& random) {
  const double hold = random.uniform(0.6, 1.0);
  switch (random.index(10)) {
    case 0:
      return strokes_at(every(beats, 0, beats), beats, hold);
    case 1:
      return strokes_at(every(2, 0, beats), beats, hold);
    case 2:
      return strokes_at(every(1, 0, beats), beats, hold);
    case 3:
    case 4:
      return strokes_at(every(0.5, 0, beats), beats, hold);
    case 5:
      return strokes_at(std::vector<double>{0, 1.5, 2, 3.5}, beats, hold);
    case 6:
      return strokes_at(std::vector<double>{0, 1.5, 2.5}, beats, hold);
    case 7:
      return strokes_at(std::vector<double>{0, 0.75, 2, 2.75}, beats, hold);
    case 8:
      return strokes_at(every(0.25, 0, beats), beats, hold);
    default:
      return strokes_at(random_places(beats, 0.4, random), beats, hold);
  }
}

Rhythm draw_riff_rhythm(int beats, Random& random) {
  return strokes_at(random_places(beats, random.uniform(0.25, 0.8), random), beats, random.uniform(0.5, 1.0));
}

DrumPattern draw_drum_pattern(int beats, double energy, Random& random) {
  DrumPattern pattern;
  pattern.beats = beats;
  draw_kick(pattern, random);
  draw_snare(pattern, energy, random);
  draw_hats(pattern, energy, random);
  if (random.chance(0.2)) {
    for (std::size_t cell = 0; cell < DrumPattern::kCells; ++cell) pattern.shaker[cell] = cell % 4 == 0 ? 0.6F : 0.4F;
  }
  if (random.chance(0.15)) set_cells(pattern.tambourine, std::vector<int>{4, 12}, 0.7F);
  if (random.chance(0.08)) set_cells(pattern.tambourine, std::vector<int>{0, 2, 4, 6, 8, 10, 12, 14}, 0.5F);
  if (random.chance(0.12)) pattern.swing = random.uniform(0.02, 0.08);
  return pattern;
}

std::vector<int> draw_arpeggio_order(int tones, Random& random) {
  std::vector<int> order;
  for (int i = 0; i < tones; ++i) order.push_back(i);
  const std::size_t kind = random.index(5);
  if (kind == 1) std::reverse(order.begin(), order.end());
  if (kind == 2) {  // up and down
    for (int i = tones - 2; i > 0; --i) order.push_back(i);
  }
  if (kind == 3 && tones >= 3) order = {0, tones - 1, 1, tones - 1};
  if (kind == 4) {
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.index(i)]);
  }
  return order;
}

}  // namespace pop2piano
