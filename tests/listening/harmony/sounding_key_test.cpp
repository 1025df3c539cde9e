// SPDX-License-Identifier: MIT
#include "listening/harmony/sounding_key.h"

#include <array>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

// What a piece in the key sounds like: its scale, tonic and fifth most, over overtones and noise that fill everything.
PitchClassWeights scale(int tonic, const std::array<int, 7>& steps) {
  PitchClassWeights weights;
  weights.fill(3);
  for (const int step : steps) weights[static_cast<std::size_t>((tonic + step) % 12)] += 3;
  for (const int step : {0, 7}) weights[static_cast<std::size_t>((tonic + step) % 12)] += 3;
  return weights;
}

TEST(SoundingKey, IsFoundInAllTwentyFour) {
  for (int tonic = 0; tonic < 12; ++tonic) {
    EXPECT_EQ(find_sounding_key(scale(tonic, {0, 2, 4, 5, 7, 9, 11})), key_with_tonic(tonic, false)) << tonic;
    EXPECT_EQ(find_sounding_key(scale(tonic, {0, 2, 3, 5, 7, 8, 10})), key_with_tonic(tonic, true)) << tonic;
  }
}

TEST(SoundingKey, IsAbsentWhereNoPitchStandsOut) {
  EXPECT_EQ(find_sounding_key({}), std::nullopt);
  PitchClassWeights noise;
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = 1.0 + 0.1 * static_cast<double>(i % 3);
  EXPECT_EQ(find_sounding_key(noise), std::nullopt);
}

}  // namespace
}  // namespace pop2piano
