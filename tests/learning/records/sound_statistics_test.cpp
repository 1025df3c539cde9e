// SPDX-License-Identifier: MIT
#include "learning/records/sound_statistics.h"

#include <pop2piano/error.h>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

std::vector<float> noise(double seconds, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> x(static_cast<std::size_t>(seconds * 22050));
  for (float& v : x) v = static_cast<float>(0.2 * random.normal());
  return x;
}

TEST(SoundStatistics, SilenceIsAnError) {
  EXPECT_THROW((void)sound_statistics(std::vector<float>(220500, 0.0F), "silence"), Error);
  EXPECT_THROW((void)sound_statistics({}, "nothing"), Error);
}

TEST(SoundStatistics, SteadyNoiseHasNoRangeAndBeatsHaveOnsets) {
  const auto steady = sound_statistics(noise(12, 1), "noise");
  EXPECT_LT(steady.loudness_range, 0.5);
  auto beats = noise(12, 2);
  for (std::size_t i = 0; i < beats.size(); ++i) beats[i] *= i % 11025 < 3000 ? 1.0F : 0.01F;  // twice a second
  const auto pulsed = sound_statistics(beats, "beats");
  EXPECT_NEAR(pulsed.onsets_per_second, 2.0, 0.3);
  EXPECT_GT(pulsed.level_range, 20.0);
  EXPECT_GT(pulsed.contrast[4], steady.contrast[4]);
}

TEST(SoundStatistics, ComparisonIsZeroWithItself) {
  const std::vector<SoundStatistics> songs = {sound_statistics(noise(8, 1), "a"), sound_statistics(noise(8, 2), "b")};
  for (const auto& row : compare_statistics(songs, songs).rows) EXPECT_EQ(row.distance, 0.0) << row.name;
  EXPECT_THROW((void)compare_statistics(songs, {}), Error);
}

}  // namespace
}  // namespace pop2piano
