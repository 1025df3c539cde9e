// SPDX-License-Identifier: MIT
#include "music/score/quantise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace pop2piano {
namespace {

/// What a beat may be divided into, the usual first.
using Divisions = std::array<BeatDivision, 2>;
Divisions divisions_of(BeatKind beats) {
  if (beats == BeatKind::dotted) return {BeatDivision::sixths, BeatDivision::sixteenths};
  return {BeatDivision::sixteenths, BeatDivision::triplets};
}

constexpr double kFarApart = 0.125;  // beats
constexpr int kMaxBeats = 2'000'000;

int places(BeatDivision division) {
  switch (division) {
    case BeatDivision::triplets:
      return 3;
    case BeatDivision::sixths:
      return 6;
    case BeatDivision::sixteenths:
      break;
  }
  return 4;
}

double distance_to_grid(double position, BeatDivision division) {
  const double scaled = position * places(division);
  return (scaled - std::round(scaled)) / places(division);
}

/// Positions within one beat, ascending.
double beat_cost(std::span<const double> positions, BeatDivision division, double deviation,
                 const QuantiseOptions& options) {
  double cost = division == divisions_of(options.beats)[1] ? options.triplet_cost : 0.0;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const double z = distance_to_grid(positions[i], division) / deviation;
    cost += 0.5 * std::min(z * z, 40.0);
    if (i == 0 || positions[i] - positions[i - 1] < kFarApart) continue;
    const double count = places(division);
    if (std::round(positions[i] * count) == std::round(positions[i - 1] * count)) cost += options.collision_cost;
  }
  return cost;
}

double measured_deviation(std::span<const double> onsets, const Divisions& divisions, double least) {
  double sum = 0.0;
  for (const double onset : onsets) {
    const double position = onset - std::floor(onset);
    const double nearest = std::min(std::abs(distance_to_grid(position, divisions[0])),
                                    std::abs(distance_to_grid(position, divisions[1])));
    sum += nearest * nearest;
  }
  // The nearest place is not always the right one, so that some of the spread is hidden.
  return std::max(least, 1.1 * std::sqrt(sum / static_cast<double>(std::max<std::size_t>(1, onsets.size()))));
}

}  // namespace

Quantiser::Quantiser(std::span<const double> onsets, const QuantiseOptions& options) {
  const Divisions divisions = divisions_of(options.beats);
  usual_ = divisions[0];
  std::vector<double> ordered;
  for (const double onset : onsets) {
    if (std::abs(onset) < kMaxBeats) ordered.push_back(onset);
  }
  std::sort(ordered.begin(), ordered.end());
  deviation_ = measured_deviation(ordered, divisions, options.least_deviation);
  if (ordered.empty()) return;
  first_beat_ = static_cast<int>(std::floor(ordered.front() + 0.05));
  const double last = std::min(ordered.back() + 0.05, static_cast<double>(first_beat_) + kMaxBeats);
  const auto beats = static_cast<std::size_t>(static_cast<int>(std::floor(last)) - first_beat_ + 1);
  divisions_.assign(beats, BeatDivision::sixteenths);
  std::vector<std::array<std::uint8_t, 2>> came_from(beats);
  std::array<double, 2> cost = {0.0, 0.0};
  std::size_t next = 0;
  for (std::size_t beat = 0; beat < beats; ++beat) {
    const double start = first_beat_ + static_cast<double>(beat);
    std::vector<double> positions;  // an onset just before the beat belongs to it
    for (; next < ordered.size() && ordered[next] < start + 0.95; ++next) positions.push_back(ordered[next] - start);
    std::array<double, 2> reached{};
    for (std::size_t to = 0; to < 2; ++to) {
      const std::size_t other = 1 - to;
      const bool stay = cost[to] <= cost[other] + options.change_cost;
      came_from[beat][to] = static_cast<std::uint8_t>(stay ? to : other);
      reached[to] = (stay ? cost[to] : cost[other] + options.change_cost) +
                    beat_cost(positions, divisions[to], deviation_, options);
    }
    cost = reached;
  }
  std::size_t state = cost[1] < cost[0] ? 1 : 0;
  for (std::size_t beat = beats; beat-- > 0;) {
    divisions_[beat] = divisions[state];
    state = came_from[beat][state];
  }
}

BeatDivision Quantiser::division(int beat) const {
  const int index = beat - first_beat_;
  if (index < 0 || index >= static_cast<int>(divisions_.size())) return usual_;
  return divisions_[static_cast<std::size_t>(index)];
}

int Quantiser::unit(int beat) const { return kStepsPerBeat / places(division(beat)); }

int Quantiser::step(double beats) const {
  const double beat = std::floor(beats + 0.05);
  const int count = places(division(static_cast<int>(beat)));
  return static_cast<int>(beat) * kStepsPerBeat +
         static_cast<int>(std::lround((beats - beat) * count)) * (kStepsPerBeat / count);
}

}  // namespace pop2piano
