// SPDX-License-Identifier: MIT
// Made-up pitch class profiles for tests.
#pragma once

#include "base/core/matrix.h"
#include "base/core/random.h"
#include "listening/harmony/hpcp.h"

namespace pop2piano::testing {

// Chords that change at random, a little blurred.
inline Matrix<float> random_song(Random& random, std::size_t frames, std::size_t columns = kPitchClasses) {
  Matrix<float> profiles(frames, columns);
  std::size_t root = 0;
  for (std::size_t k = 0; k < frames; ++k) {
    if (random.chance(0.15)) root = random.index(12);
    for (std::size_t c = 0; c < columns; ++c) profiles(k, c) = 0.2F * static_cast<float>(random.uniform());
    for (const std::size_t tone : {0UL, 4UL, 7UL}) profiles(k, (root + tone) % 12) += 0.8F;
  }
  return profiles;
}

}  // namespace pop2piano::testing
