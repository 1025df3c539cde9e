// SPDX-License-Identifier: MIT
#include "music/score/key.h"

#include <cmath>
#include <limits>
#include <numeric>

namespace pop2piano {
namespace {

// Albrecht and Shanahan, "The use of large corpora to train a new type of key-finding algorithm", table 1.
constexpr PitchClassWeights kMajorProfile = {0.238, 0.006, 0.111, 0.006, 0.137, 0.094,
                                             0.016, 0.214, 0.009, 0.080, 0.008, 0.081};
constexpr PitchClassWeights kMinorProfile = {0.220, 0.006, 0.104, 0.123, 0.019, 0.103,
                                             0.012, 0.214, 0.062, 0.022, 0.061, 0.052};

/// Euclidean distance of the distribution from the profile, as in the paper.
double distance(const PitchClassWeights& weights, double total, const PitchClassWeights& profile, int tonic) {
  double sum = 0.0;
  for (int i = 0; i < 12; ++i) {
    const double difference =
        weights[static_cast<std::size_t>((i + tonic) % 12)] / total - profile[static_cast<std::size_t>(i)];
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

}  // namespace

PitchClassWeights pitch_class_weights(std::span<const Note> notes) {
  PitchClassWeights weights{};
  for (const Note& note : notes) weights[static_cast<std::size_t>(((note.pitch % 12) + 12) % 12)] += note.duration;
  return weights;
}

Key key_with_tonic(int tonic_pitch_class, bool minor) {
  const int major_tonic = (tonic_pitch_class + (minor ? 3 : 0)) % 12;
  const int fifths = major_tonic * 7 % 12;
  return {.fifths = fifths > 5 ? fifths - 12 : fifths, .minor = minor};
}

Key find_key(const PitchClassWeights& weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(total > 0.0)) return {};
  Key best;
  double least = std::numeric_limits<double>::max();
  for (const bool minor : {false, true}) {
    for (int tonic = 0; tonic < 12; ++tonic) {
      const double d = distance(weights, total, minor ? kMinorProfile : kMajorProfile, tonic);
      if (d < least) {
        least = d;
        best = key_with_tonic(tonic, minor);
      }
    }
  }
  return best;
}

Key find_key(std::span<const Note> notes) { return find_key(pitch_class_weights(notes)); }

}  // namespace pop2piano
