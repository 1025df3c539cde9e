// SPDX-License-Identifier: MIT
#include "listening/piano/solo_piano.h"

#include <cmath>

namespace pop2piano {
namespace {

constexpr float kFaint = 0.1F;  // what is less likely is no onset of anything
// Lies between what 72 rendered pianos say and what 10 sustained instruments and 8 bands do, with models/piano.
constexpr double kMiddle = 0.710, kSlope = 44.0;

}  // namespace

void SoloPianoSurvey::push(std::span<const float> outputs) {
  for (std::size_t key = 0; key < kPianoKeys; ++key) {
    const float now = outputs[piano_output(key, PianoHead::onset)], peak = last_[key];
    if (peak >= kFaint && peak > before_[key] && peak >= now) {
      chances_ += peak;
      squares_ += static_cast<double>(peak) * peak;
    }
    before_[key] = peak;
    last_[key] = now;
  }
}

double SoloPianoSurvey::probability() const {
  return chances_ > 0.0 ? 1.0 / (1.0 + std::exp(-kSlope * (sureness() - kMiddle))) : 0.0;
}

}  // namespace pop2piano
