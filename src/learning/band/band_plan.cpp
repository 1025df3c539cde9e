// SPDX-License-Identifier: MIT
#include "learning/band/band_plan.h"

#include <algorithm>
#include <cmath>

namespace pop2piano {
namespace {

std::vector<BandBar> make_bars(const BeatGrid& grid) {
  std::vector<BandBar> bars;
  const auto count = static_cast<int>(grid.size());
  int start = 0;
  for (int beat = 1; beat <= count; ++beat) {
    if (beat < count && grid.numbers[static_cast<std::size_t>(beat)] != 1) continue;
    bars.push_back({static_cast<double>(start), beat - start, 0});
    start = beat;
  }
  return bars;
}

// Notes of `notes` that begin within the bars.
double notes_in(const std::vector<SymbolicNote>& notes, double start, double end) {
  return static_cast<double>(std::count_if(notes.begin(), notes.end(), [&](const SymbolicNote& n) {
    return n.onset >= start - 0.1 && n.onset < end - 0.1;
  }));
}

double sung_share(const std::vector<SymbolicNote>& melody, double start, double end) {
  double sung = 0;
  for (const SymbolicNote& n : melody) sung += std::max(0.0, std::min(end, n.offset) - std::max(start, n.onset));
  return sung / std::max(1.0, end - start);
}

}  // namespace

BandPlan make_band_plan(const SymbolicSong& song, const BeatGrid& performed, std::size_t font_count, Random& random) {
  BandPlan plan;
  plan.song = &song;
  plan.performed = &performed;
  plan.font_count = font_count;
  plan.bars = make_bars(song.grid);
  const std::size_t length = random.chance(0.5) ? 4 : 8;
  const double melody_start = song.melody.empty() ? 1e9 : song.melody.front().onset;
  double busiest = 1e-9;
  for (std::size_t first = 0; first < plan.bars.size(); first += length) {
    Section section{.first_bar = first, .bar_count = std::min(length, plan.bars.size() - first)};
    const double start = plan.bars[first].start;
    const BandBar& last = plan.bars[first + section.bar_count - 1];
    const double end = last.start + last.beats;
    section.energy = (notes_in(song.piano, start, end) + notes_in(song.melody, start, end)) / (end - start);
    section.has_melody = sung_share(song.melody, start, end) > 0.25;
    section.intro = end <= melody_start + 1.0;
    busiest = std::max(busiest, section.energy);
    for (std::size_t b = first; b < first + section.bar_count; ++b) {
      plan.bars[b].section = static_cast<int>(plan.sections.size());
    }
    plan.sections.push_back(section);
  }
  double least = 1e9, most = -1e9;
  for (Section& section : plan.sections) {
    section.energy = 0.5 * section.energy / busiest + 0.5 * random.uniform();
    if (section.intro) section.energy *= 0.6;
    least = std::min(least, section.energy);
    most = std::max(most, section.energy);
  }
  // Every song has a quiet place and a full one.
  const double bottom = random.uniform(0.0, 0.5);
  for (Section& section : plan.sections) {
    section.energy = bottom + (1.0 - bottom) * (section.energy - least) / std::max(1e-6, most - least);
  }
  return plan;
}

std::vector<bool> draw_activity(const BandPlan& plan, double threshold, Random& random) {
  std::vector<bool> active;
  bool any = false;
  for (const Section& section : plan.sections) {
    active.push_back(section.energy + 0.12 * random.normal() > threshold);
    any = any || active.back();
  }
  if (!any && !active.empty()) active[random.index(active.size())] = true;
  return active;
}

}  // namespace pop2piano
