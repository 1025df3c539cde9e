// SPDX-License-Identifier: MIT
#include "music/score/swing.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pop2piano {
namespace {

constexpr double kTick = 0.0025;  // beats: a bit more than one of 480

struct Pair {
  double length, half, place;  // beats; where the second note is written and where it sounds
  explicit Pair(const Swing& swing)
      : length(static_cast<double>(swing.pair) / kStepsPerBeat),
        half(0.5 * length),
        place(length * swing.ratio / (1 + swing.ratio)) {}
};

/// Whether it is a third of a beat, and not a whole one.
bool is_third(double beat, double tolerance) {
  const double third = std::round(3.0 * beat);
  return std::abs(beat - third / 3.0) <= tolerance && std::fmod(third, 3.0) != 0.0;
}

bool is_quarter(double beat) {
  constexpr double kNear = 0.02;
  return std::abs(4.0 * beat - std::round(4.0 * beat)) <= 4.0 * kNear;
}

/// Onsets of the second half of pairs, [0, 1) of the pair, ascending; without those that are on the half of all pairs.
std::vector<double> second_places(std::span<const double> onsets, double length) {
  std::vector<double> places;
  for (const double onset : onsets) {
    const double within = onset / length - std::floor(onset / length);
    if (within > 0.45 && within < 0.8) places.push_back(within);
  }
  std::sort(places.begin(), places.end());
  return places;
}

/// Share of the onsets beside the beats that lie, as written, on quarters of their beat or sound on thirds.
double agreement(std::span<const double> onsets, const Swing& swing) {
  std::size_t beside = 0, agree = 0;
  for (const double onset : onsets) {
    if (std::abs(onset - std::round(onset)) <= kTick) continue;
    ++beside;
    agree += is_third(onset, kTick) || is_quarter(written_place(onset, swing)) ? 1 : 0;
  }
  return beside == 0 ? 0.0 : static_cast<double>(agree) / static_cast<double>(beside);
}

}  // namespace

double played_place(double written, const Swing& swing) {
  if (!swing.swings() || is_third(written, 1e-9)) return written;
  const Pair pair(swing);
  const double start = std::floor(written / pair.length + 1e-9) * pair.length, within = written - start;
  return start + (within <= pair.half
                      ? within * pair.place / pair.half
                      : pair.place + (within - pair.half) * (pair.length - pair.place) / (pair.length - pair.half));
}

double written_place(double played, const Swing& swing) {
  if (!swing.swings()) return played;
  const Pair pair(swing);
  const double start = std::floor(played / pair.length + kTick) * pair.length, within = played - start;
  if (is_third(played, kTick) && std::abs(within - pair.place) > kTick) return played;
  return start + (within <= pair.place
                      ? within * pair.half / pair.place
                      : pair.half + (within - pair.place) * (pair.length - pair.half) / (pair.length - pair.place));
}

double played_beat(int step, const Swing& swing) {
  return played_place(static_cast<double>(step) / kStepsPerBeat, swing);
}

Swing swing_of_onsets(std::span<const double> onsets) {
  constexpr std::size_t kLeast = 16;                          // second notes of pairs
  constexpr double kSame = 0.01, kAlike = 0.8, kAgree = 0.9;  // of a pair; shares
  constexpr double kLeastRatio = 1.2, kMostRatio = 3.0, kDistinct = 0.02;
  for (const int steps : {kStepsPerBeat, kStepsPerBeat / 2}) {
    const double length = static_cast<double>(steps) / kStepsPerBeat;
    const std::vector<double> places = second_places(onsets, length);
    if (places.size() < kLeast) continue;
    const double middle = places[places.size() / 2];
    const auto alike =
        std::count_if(places.begin(), places.end(), [&](double place) { return std::abs(place - middle) <= kSame; });
    const Swing swing{.ratio = middle / (1.0 - middle), .pair = steps};
    const bool swings = swing.ratio >= kLeastRatio && swing.ratio <= kMostRatio &&
                        std::abs(middle - 2.0 / 3.0) > kDistinct && std::abs(middle - 0.75) > kDistinct;
    if (swings && static_cast<double>(alike) >= kAlike * static_cast<double>(places.size()) &&
        agreement(onsets, swing) >= kAgree) {
      return swing;
    }
  }
  return {};
}

double Score::time_at(int step) const {
  return grid.time_at(swing.swings() ? played_place(grid.beat_of(step), swing) : grid.beat_of(step));
}

}  // namespace pop2piano
