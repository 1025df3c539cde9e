// SPDX-License-Identifier: MIT
#include "listening/align/onset_evidence.h"

#include <algorithm>
#include <cmath>

#include "listening/align/alignment.h"

namespace pop2piano {
namespace {

constexpr double kAttackDelay = 0.008;  // seconds from an onset to the peak of its strength
constexpr float kRiseWeight = 2.8F;     // of a standard deviation of the rise of semitones
constexpr float kProfileWeight = 0.8F;  // of that of the profiles, which are the same for every loudness
constexpr float kAttackWeight = 1.6F;   // of the onset strength

// [frames, 12] by how much each pitch class stands higher two frames later than two before.
Matrix<float> risen(const Matrix<float>& profiles) {
  constexpr std::size_t kApart = 2;
  const Matrix<float> above = above_their_mean(profiles);
  Matrix<float> rises(above.rows(), above.columns());
  for (std::size_t k = kApart; k + kApart < above.rows(); ++k) {
    for (std::size_t c = 0; c < above.columns(); ++c)
      rises(k, c) = std::max(0.0F, above(k + kApart, c) - above(k - kApart, c));
  }
  return rises;
}

}  // namespace

OnsetEvidence::OnsetEvidence(const SoundFeatures& song)
    : song_(song),
      profile_rises_(risen(song.profiles)),
      rises_of_(spread_of(song.rises.flat())),
      profile_rises_of_(spread_of(profile_rises_.flat())) {
  attacks_.reserve(song.onsets.size());
  for (const float value : song.onsets) attacks_.push_back(std::sqrt(value));
  attacks_of_ = spread_of(attacks_);
}

OnsetEvidence::Spread OnsetEvidence::spread_of(std::span<const float> values) {
  double sum = 0.0, squares = 0.0;
  for (const float value : values) sum += static_cast<double>(value), squares += static_cast<double>(value * value);
  const auto count = static_cast<double>(std::max<std::size_t>(1, values.size()));
  const double variance = squares / count - sum / count * (sum / count);
  return {static_cast<float>(sum / count), variance > 0.0 ? static_cast<float>(std::sqrt(variance)) : 1.0F};
}

float OnsetEvidence::rise(const Matrix<float>& rises, const Spread& of, std::span<const std::size_t> classes,
                          double seconds) {
  const double frame = seconds * kProfileRate;
  if (frame < 0.0 || frame + 1.0 >= static_cast<double>(rises.rows())) return 0.0F;
  const auto before = static_cast<std::size_t>(frame);
  const auto share = static_cast<float>(frame - std::floor(frame));
  float sum = 0.0F;
  for (const std::size_t c : classes) sum += rises(before, c) + share * (rises(before + 1, c) - rises(before, c));
  return (sum / static_cast<float>(classes.size()) - of.mean) / of.deviation;
}

float OnsetEvidence::attack(double seconds) const {
  const double frame = (seconds + kAttackDelay) * song_.onset_rate;
  if (frame < 0.0 || frame + 1.0 >= static_cast<double>(attacks_.size())) return 0.0F;
  const auto before = static_cast<std::size_t>(frame);
  const auto share = static_cast<float>(frame - std::floor(frame));
  const float strength = attacks_[before] + share * (attacks_[before + 1] - attacks_[before]);
  return (strength - attacks_of_.mean) / attacks_of_.deviation;
}

float OnsetEvidence::at(std::span<const std::size_t> classes, double seconds) const {
  return kRiseWeight * rise(song_.rises, rises_of_, classes, seconds) +
         kProfileWeight * rise(profile_rises_, profile_rises_of_, classes, seconds) + kAttackWeight * attack(seconds);
}

}  // namespace pop2piano
