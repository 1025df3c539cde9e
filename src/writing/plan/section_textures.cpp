// SPDX-License-Identifier: MIT
#include "writing/plan/section_textures.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <vector>

namespace pop2piano {
namespace {

constexpr float kQuietest = -60.0F;   // dB; what is quieter counts as that
constexpr double kLeastSpread = 1.0;  // dB; below, sections are as loud as one another

// Seconds of a beat from which on most songs of POP909 have that many notes a beat, and from which on most break the
// chords.
constexpr double kFlowingBeat = 0.75, kDenseBeat = 0.85, kBrokenBeat = 1.0;
// Deviations beyond which most pianists leave the song's density, and below which most break its chords.
constexpr double kQuiet = -1.0, kQuietOfDense = -1.5, kLoud = 1.0, kBroken = -0.5;

}  // namespace

std::vector<SectionEnergy> section_energies(const Plan& form, const BeatGrid& grid,
                                            std::span<const float> loudness_db) {
  struct Sum {
    double db = 0.0, beats = 0.0;
  };
  std::map<std::string, Sum> sums;
  std::vector<SectionEnergy> energies;
  for (const PlannedPassage& p : form) {
    if (sums.try_emplace(p.section).second) energies.push_back({.section = p.section});
  }
  int bar = 0;
  auto passage = form.begin();
  double all = 0.0, beats = 0.0;
  for (std::size_t b = 0; b < grid.size(); ++b) {
    bar += grid.numbers[b] == 1 ? 1 : 0;
    while (passage != form.end() && passage->last_bar < bar) ++passage;
    if (passage == form.end() || passage->first_bar > bar || loudness_db[b] <= kQuietest) continue;
    sums[passage->section].db += loudness_db[b];
    sums[passage->section].beats += 1.0;
    all += loudness_db[b];
    beats += 1.0;
  }
  double variance = 0.0;
  for (SectionEnergy& energy : energies) {
    const Sum& sum = sums[energy.section];
    if (sum.beats == 0.0) continue;
    energy.deviation = sum.db / sum.beats - all / beats;
    variance += sum.beats / beats * energy.deviation * energy.deviation;
  }
  for (SectionEnergy& energy : energies) energy.deviation /= std::max(kLeastSpread, std::sqrt(variance));
  return energies;
}

std::string texture_of_section(double beat_seconds, double deviation) {
  int density = beat_seconds < kFlowingBeat ? 0 : beat_seconds < kDenseBeat ? 1 : 2;
  if (density == 1 && deviation > kLoud) {
    density = 2;
  } else if ((density == 1 && deviation < kQuiet) || (density == 2 && deviation < kQuietOfDense)) {
    --density;
  }
  constexpr const char* kDensities[] = {"sparse", "flowing", "dense"};
  const bool chords = beat_seconds < kBrokenBeat && deviation >= kBroken;
  return std::string(kDensities[density]) + (chords ? "-chords" : "-broken");
}

Plan decided_plan(Plan form, const BeatGrid& grid, std::span<const float> loudness_db) {
  const double beat = grid.median_interval();
  const std::vector<SectionEnergy> energies = section_energies(form, grid, loudness_db);
  for (PlannedPassage& p : form) {
    const auto energy = std::ranges::find(energies, p.section, &SectionEnergy::section);
    p.style = texture_of_section(beat, energy->deviation);
  }
  return form;
}

}  // namespace pop2piano
