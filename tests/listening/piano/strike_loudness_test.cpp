// SPDX-License-Identifier: MIT
// Loudness of a strike from levels whose power is known.
#include "listening/piano/strike_loudness.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "listening/piano/piano_network.h"

namespace pop2piano {
namespace {

using Levels = std::vector<std::uint8_t>;

StrikeLoudness strike(std::size_t key, const Levels& before, const Levels& after) {
  const std::array<std::span<const std::uint8_t>, 1> frames{after};
  return loudness_of_strike(key, before, frames);
}

TEST(StrikeLoudness, OfSilenceIsTheLeastThereIs) {
  const Levels silence(kPianoLevels);
  EXPECT_NEAR(piano_frame_power(silence), 1.0, 1e-12);
  const StrikeLoudness loudness = strike(30, silence, silence);
  EXPECT_NEAR(loudness.all, 0.0, 1e-9);
  EXPECT_NEAR(loudness.partials, kPianoLevelsPerUnit * std::log(0.05 * 8), 1e-6) << "of eight partials nothing gained";
}

TEST(StrikeLoudness, GrowsByTheLevelsOfThePartials) {
  const Levels silence(kPianoLevels);
  Levels loud = silence;
  std::fill(loud.begin() + kPianoBands, loud.end(), std::uint8_t{180});
  const double gained = 8.0 * (std::exp(180.0 / kPianoLevelsPerUnit) - 1.0);
  EXPECT_NEAR(strike(30, silence, loud).partials, kPianoLevelsPerUnit * std::log(gained), 1e-6);
  EXPECT_NEAR(strike(30, silence, loud).all, 180.0, 1e-6);
  Levels softer = loud;
  for (std::uint8_t& level : softer) level = level > 0 ? 160 : 0;
  EXPECT_NEAR(strike(30, silence, loud).partials - strike(30, silence, softer).partials, 20.0, 1e-3);
}

TEST(StrikeLoudness, OnlyTheKeysPartialsInTheShortWindowCount) {
  const Levels silence(kPianoLevels);
  constexpr std::size_t kKey = 40;
  Levels elsewhere = silence;
  std::fill(elsewhere.begin(), elsewhere.begin() + kPianoBands, std::uint8_t{200});  // the long window
  elsewhere[kPianoBands + (kKey - 1) * kPianoThirds] = 200;                          // the key below
  EXPECT_NEAR(strike(kKey, silence, elsewhere).partials, strike(kKey, silence, silence).partials, 1e-9);
  for (const std::size_t partial : piano_partial_bands()) {
    Levels one = silence;
    one[kPianoBands + kKey * kPianoThirds + partial + 2] = 200;
    EXPECT_NEAR(strike(kKey, silence, one).partials, 200.0, 1e-3);
    EXPECT_NEAR(strike(kKey, one, one).partials, 200.0 + kPianoLevelsPerUnit * std::log(0.05), 1e-3)
        << "sounded before";
  }
}

TEST(StrikeLoudness, OfTheHighestKeyCountsWhatThereIs) {
  const Levels silence(kPianoLevels);
  Levels loud(kPianoLevels, 100);
  EXPECT_TRUE(std::isfinite(strike(kPianoKeys - 1, silence, loud).partials));
  EXPECT_GT(strike(kPianoKeys - 1, silence, loud).partials, 100.0);
}

}  // namespace
}  // namespace pop2piano
