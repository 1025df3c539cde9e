// SPDX-License-Identifier: MIT
#include "music/score/fine_beats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "music/score/metre.h"

namespace pop2piano {
namespace {

constexpr int kTwelfth = kFineParts / kStepsPerBeat;
constexpr int kLeastGap = kStepsPerBeat;  // parts between two places, so that the steps between have places, too
constexpr int kDeepest = 4;               // cuts of one beat

using Places = std::vector<int>;

bool on_twelfths(const Places& places) {
  return std::all_of(places.begin(), places.end(), [](int place) { return place % kTwelfth == 0; });
}

/// Ordered, each once, 0 among them.
Places distinct(Places places) {
  places.push_back(0);
  std::sort(places.begin(), places.end());
  Places kept;
  for (const int place : places) {
    if (kept.empty() || place - kept.back() >= kLeastGap) kept.push_back(place);
  }
  return kept;
}

/// Steps near their places, in order; `places` begin with 0 and are at most as many as steps.
FineBeat fine_beat(int beat, const Places& places) {
  const auto count = static_cast<int>(places.size());
  std::array<int, kStepsPerBeat> steps{};
  for (int i = 1; i < count; ++i) {
    const int nearest = (places[static_cast<std::size_t>(i)] + kTwelfth / 2) / kTwelfth;
    steps[static_cast<std::size_t>(i)] = std::max(steps[static_cast<std::size_t>(i - 1)] + 1, nearest);
  }
  for (int i = count - 1, most = kStepsPerBeat - 1; i > 0; --i, --most) {
    most = steps[static_cast<std::size_t>(i)] = std::min(steps[static_cast<std::size_t>(i)], most);
  }
  FineBeat fine{.beat = beat};
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const int from = steps[at], to = i + 1 < count ? steps[at + 1] : kStepsPerBeat;
    const int width = (i + 1 < count ? places[at + 1] : kFineParts) - places[at];
    for (int step = from; step < to; ++step) {
      fine.places[static_cast<std::size_t>(step)] =
          static_cast<std::int16_t>(places[at] + width * (step - from) / (to - from));
    }
  }
  return fine;
}

/// [beats] the places of the moments in each.
std::vector<Places> places_by_beat(const std::vector<int>& starts, std::span<const double> moments) {
  std::vector<Places> found(starts.size() - 1);
  for (const double moment : moments) {
    const auto after = std::upper_bound(starts.begin(), starts.end(), moment + 1e-9);
    auto beat = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, after - starts.begin() - 1));
    if (beat + 1 >= starts.size()) continue;  // where the last beat ends
    const int place = fine_place((moment - starts[beat]) / (starts[beat + 1] - starts[beat]));
    if (place < kFineParts) found[beat].push_back(std::max(0, place));
  }
  return found;
}

bool is_full(const Places& places) {
  return !on_twelfths(places) && distinct(places).size() > static_cast<std::size_t>(kStepsPerBeat);
}

/// Beats that `parts` says more than 1 of become so many.
BeatGrid cut(const BeatGrid& grid, const std::vector<int>& parts) {
  BeatGrid out = grid;
  out.confidence.clear();
  out.times.clear();
  out.numbers.clear();
  out.lengths.clear();
  std::vector<int> moved_to;
  for (std::size_t i = 0; i < grid.numbers.size(); ++i) {
    moved_to.push_back(static_cast<int>(out.numbers.size()));
    const int length = beat_length(grid, static_cast<int>(i));
    for (int part = 0; part < parts[i]; ++part) {
      const bool starts_bar = part == 0 && (grid.numbers[i] == 1 || out.numbers.empty());
      out.numbers.push_back(starts_bar ? grid.numbers[i] : out.numbers.back() + 1);
      out.lengths.push_back(static_cast<std::int16_t>(length / parts[i]));
      if (!grid.times.empty()) out.times.push_back(grid.time_at(static_cast<double>(i) + 1.0 * part / parts[i]));
    }
  }
  for (MetreSpan& span : out.metres) span.first_beat = moved_to[static_cast<std::size_t>(span.first_beat)];
  return out;
}

}  // namespace

int fine_place(double within, double tolerance) {
  constexpr std::array<int, 12> kParts = {12, 5, 7, 8, 9, 10, 14, 15, 16, 20, 24, 48};
  for (const int parts : kParts) {
    const double place = within * parts;
    if (std::abs(place - std::round(place)) <= tolerance * parts) {
      return static_cast<int>(std::lround(place)) * (kFineParts / parts);
    }
  }
  return static_cast<int>(std::lround(within * kFineParts));
}

FineGrid::FineGrid(BeatGrid grid, std::span<const double> moments) : grid_(std::move(grid)) {
  starts_ = beat_starts(grid_);
  for (int i = 0; i < kDeepest; ++i) cut_full_beats(moments);
  fill(moments);
}

void FineGrid::cut_full_beats(std::span<const double> moments) {
  const std::vector<Places> places = places_by_beat(starts_, moments);
  std::vector<int> parts(places.size(), 1);
  bool any = false;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const int length = starts_[i + 1] - starts_[i];
    if (!is_full(places[i]) || length == 1) continue;
    parts[i] = length % 3 == 0 ? 3 : length % 2 == 0 ? 2 : length;
    any = true;
  }
  if (!any) return;
  grid_ = cut(grid_, parts);
  starts_ = beat_starts(grid_);
}

void FineGrid::fill(std::span<const double> moments) {
  const std::vector<Places> places = places_by_beat(starts_, moments);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (on_twelfths(places[i])) continue;
    Places kept = distinct(places[i]);
    if (kept.size() > static_cast<std::size_t>(kStepsPerBeat)) {
      moved_ += kept.size() - static_cast<std::size_t>(kStepsPerBeat);
      kept.resize(static_cast<std::size_t>(kStepsPerBeat));
    }
    grid_.fine.push_back(fine_beat(static_cast<int>(i), kept));
  }
}

double FineGrid::beat_at(double moment) const {
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), moment + 1e-9);
  const auto last = static_cast<std::ptrdiff_t>(starts_.size()) - 2;
  const auto beat = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(after - starts_.begin() - 1, 0, last));
  return static_cast<double>(beat) + (moment - starts_[beat]) / (starts_[beat + 1] - starts_[beat]);
}

int FineGrid::step_at(double moment) const {
  const double at = beat_at(moment);
  const int beat = static_cast<int>(std::floor(at + 1e-9));
  const auto found = std::lower_bound(grid_.fine.begin(), grid_.fine.end(), beat,
                                      [](const FineBeat& entry, int value) { return entry.beat < value; });
  if (found == grid_.fine.end() || found->beat != beat) return static_cast<int>(std::lround(at * kStepsPerBeat));
  const int place = fine_place(at - beat);
  int nearest = kStepsPerBeat;  // the next beat
  for (int step = kStepsPerBeat - 1; step >= 0; --step) {
    const auto distance = [&](int s) {
      return std::abs(place - (s == kStepsPerBeat ? kFineParts : found->places[static_cast<std::size_t>(s)]));
    };
    if (distance(step) <= distance(nearest)) nearest = step;
  }
  return beat * kStepsPerBeat + nearest;
}

}  // namespace pop2piano
