// SPDX-License-Identifier: MIT
#include "music/score/exact_rhythm.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>

namespace pop2piano {
namespace {

constexpr std::array<int, 9> kParts = {4, 3, 6, 8, 5, 12, 7, 16, 9};
constexpr std::size_t kQuantised = 2;  // the first of them are those of Quantiser
constexpr double kShare = 0.99;
constexpr double kOnBeat = 0.5;  // share of the beats with notes that must begin with one: a shifted recording does not
constexpr double kMostByChance = 0.25;  // of the beat that may lie within the tolerance of some part

/// The number of equal parts that the places (0..1) of a beat lie on; 0: none.
int parts_of(std::span<const double> places, double tolerance) {
  for (const int parts : kParts) {
    if (2.0 * tolerance * parts > kMostByChance && parts > kParts[kQuantised]) continue;
    const bool fits = std::all_of(places.begin(), places.end(), [&](double place) {
      return std::abs(place - std::round(place * parts) / parts) <= tolerance;
    });
    if (fits) return parts;
  }
  return 0;
}

}  // namespace

std::optional<std::vector<double>> exact_onsets(std::span<const double> onsets, double tolerance) {
  std::map<double, std::vector<std::size_t>> beats;  // the notes of each
  for (std::size_t i = 0; i < onsets.size(); ++i) beats[std::floor(onsets[i] + tolerance)].push_back(i);
  std::vector<double> exact(onsets.begin(), onsets.end());
  std::size_t fitting = 0, struck = 0;
  bool finer = false;
  for (const auto& [beat, notes] : beats) {
    std::vector<double> places;
    for (const std::size_t i : notes) places.push_back(onsets[i] - beat);
    const bool on_beat = std::any_of(places.begin(), places.end(), [&](double at) { return at <= tolerance; });
    struck += on_beat ? 1 : 0;
    const int parts = parts_of(places, tolerance);
    if (parts == 0) continue;
    fitting += notes.size();
    finer = finer || std::find(kParts.begin(), kParts.begin() + kQuantised, parts) == kParts.begin() + kQuantised;
    for (const std::size_t i : notes) exact[i] = beat + std::round((onsets[i] - beat) * parts) / parts;
  }
  const bool fits = static_cast<double>(fitting) >= kShare * static_cast<double>(onsets.size()) &&
                    static_cast<double>(struck) >= kOnBeat * static_cast<double>(beats.size());
  if (!finer || !fits) return std::nullopt;
  return exact;
}

}  // namespace pop2piano
