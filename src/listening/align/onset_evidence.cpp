// SPDX-License-Identifier: MIT
#include "listening/align/onset_evidence.h"

#include <cmath>

namespace pop2piano {
namespace {

constexpr double kAttackDelay = 0.008;  // seconds from an onset to the peak of its strength
constexpr float kRiseWeight = 3.0F;     // of a standard deviation
constexpr float kAttackWeight = 1.2F;   // of the onset strength, likewise

}  // namespace

OnsetEvidence::OnsetEvidence(const SoundFeatures& song) : song_(song), rises_of_(spread_of(song.rises.flat())) {
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

float OnsetEvidence::rise(std::span<const std::size_t> classes, double seconds) const {
  const double frame = seconds * kProfileRate;
  if (frame < 0.0 || frame + 1.0 >= static_cast<double>(song_.rises.rows())) return rises_of_.mean;
  const auto before = static_cast<std::size_t>(frame);
  const auto share = static_cast<float>(frame - std::floor(frame));
  float sum = 0.0F;
  for (const std::size_t c : classes) {
    sum += song_.rises(before, c) + share * (song_.rises(before + 1, c) - song_.rises(before, c));
  }
  return sum / static_cast<float>(classes.size());
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
  return kRiseWeight * (rise(classes, seconds) - rises_of_.mean) / rises_of_.deviation +
         kAttackWeight * attack(seconds);
}

}  // namespace pop2piano
