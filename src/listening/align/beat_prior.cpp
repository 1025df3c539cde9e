// SPDX-License-Identifier: MIT
#include "listening/align/beat_prior.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pop2piano {
namespace {

constexpr std::size_t kPlaces = 12;    // of a beat
constexpr std::size_t kMostNotes = 3;  // as many and more are one kind
constexpr float kUnlike = 0.2F;        // share of covers that keep to no such habit
using Places = std::array<float, kPlaces>;

// Onsets in the arrangements of 24 POP909 training songs: of one, two, more notes, then the same with a bass.
constexpr std::array<Places, 2 * kMostNotes> kOnsets = {{{1549, 0, 0, 820, 181, 0, 2460, 0, 118, 1297, 0, 0},
                                                         {1470, 0, 0, 97, 4, 0, 1330, 0, 26, 252, 0, 0},
                                                         {2069, 0, 0, 48, 2, 0, 628, 0, 57, 111, 0, 0},
                                                         {316, 0, 0, 141, 4, 0, 630, 0, 6, 45, 0, 0},
                                                         {474, 0, 0, 53, 0, 0, 755, 0, 1, 31, 0, 0},
                                                         {2639, 0, 0, 32, 1, 0, 123, 0, 12, 20, 0, 0}}};

// Of all habits: logarithms of how much more usual than elsewhere.
std::array<Places, 2 * kMostNotes> logarithms() {
  std::array<Places, 2 * kMostNotes> result = kOnsets;
  for (Places& places : result) {
    float sum = 0.0F;
    for (const float count : places) sum += count;
    for (float& value : places) {
      const float share = value / sum * static_cast<float>(kPlaces);
      value = std::log((1.0F - kUnlike) * share + kUnlike);
    }
  }
  return result;
}

}  // namespace

float BeatPrior::at(const Kind& kind, double seconds) const {
  static const std::array<Places, 2 * kMostNotes> usual = logarithms();
  const auto next = std::ranges::upper_bound(beats_, seconds);
  if (next == beats_.begin() || next == beats_.end()) return 0.0F;
  const double begin = *std::prev(next);
  const double place = (seconds - begin) / (*next - begin) * static_cast<double>(kPlaces);
  const auto before = std::min(kPlaces - 1, static_cast<std::size_t>(place));
  const auto share = static_cast<float>(place - static_cast<double>(before));
  const std::size_t notes = std::clamp<std::size_t>(kind.notes, 1, kMostNotes) - 1;
  const Places& here = usual[notes + (kind.bass ? kMostNotes : 0)];
  return here[before] + share * (here[(before + 1) % kPlaces] - here[before]);
}

}  // namespace pop2piano
