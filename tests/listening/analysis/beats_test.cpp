// SPDX-License-Identifier: MIT
#include "listening/analysis/beats.h"

#include <cmath>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

BeatGrid steady(std::size_t beats, double interval = 0.5, double first = 0.0) {
  BeatGrid grid;
  for (std::size_t i = 0; i < beats; ++i) {
    grid.times.push_back(first + interval * static_cast<double>(i));
    grid.numbers.push_back(static_cast<int>(i % 4) + 1);
  }
  return grid;
}

TEST(Beats, RenumberCountsBothWaysFromTheDownbeat) {
  BeatGrid grid = steady(7);
  renumber(grid, 3, 3);
  EXPECT_EQ(grid.numbers, (std::vector<int>{2, 3, 1, 2, 3, 1, 2}));
  EXPECT_EQ(grid.beats_per_bar, 3);
  EXPECT_THROW(renumber(grid, 8, 4), Error);
  EXPECT_THROW(renumber(grid, 0, 4), Error);
}

TEST(Beats, TempoTimesKeepsDownbeats) {
  BeatGrid grid = steady(9);
  renumber(grid, 4, 4);  // 2 3 4 1 ...: the first downbeat is the fourth beat
  const BeatGrid half = at_tempo_times(grid, 0.5);
  EXPECT_EQ(half.times, (std::vector<double>{0.5, 1.5, 2.5, 3.5}));
  EXPECT_EQ(half.numbers[1], 1);  // 1.5 s was a downbeat
  const BeatGrid twice = at_tempo_times(grid, 2.0);
  EXPECT_EQ(twice.size(), 17U);
  EXPECT_DOUBLE_EQ(twice.times[1], 0.25);
  EXPECT_EQ(twice.numbers[6], 1);  // 1.5 s again
}

TEST(Beats, GivenBeatsAreTakenAsTheyAre) {
  const Recording recording = Recording::from({.samples = std::vector<float>(22050 * 4, 0.1F)});
  const Rhythm rhythm = find_beats(recording, {.given = steady(8), .downbeat = 2}, 1);
  EXPECT_TRUE(rhythm.given);
  EXPECT_EQ(rhythm.grid.times, steady(8).times);
  EXPECT_EQ(rhythm.grid.numbers[1], 1);
}

TEST(Beats, SilenceAndWrongOptionsAreErrors) {
  const Recording silence = Recording::from({.samples = std::vector<float>(22050 * 4, 0.0F)});
  try {
    (void)find_beats(silence, {}, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::nothing_found);
    EXPECT_NE(std::string(error.what()).find("no beats found"), std::string::npos);
  }
  const Recording sound = Recording::from({.samples = std::vector<float>(22050, 0.1F)});
  EXPECT_THROW((void)find_beats(sound, {.tempo_times = 3}, 1), Error);
  EXPECT_THROW((void)find_beats(sound, {.beats_per_bar = 1}, 1), Error);
  BeatGrid backwards = steady(4);
  backwards.times[2] = 0;
  EXPECT_THROW((void)find_beats(sound, {.given = backwards}, 1), Error);
}

TEST(Beats, LoudnessIsTheRmsOfEachBeat) {
  std::vector<float> samples(22050, 0.5F);
  std::fill(samples.begin() + 11025, samples.end(), -0.05F);
  const auto loudness = loudness_per_beat(Recording::from({.samples = samples}), steady(4, 0.5));
  ASSERT_EQ(loudness.size(), 4U);
  EXPECT_NEAR(loudness[0], 0.0, 0.01);  // of the largest sample
  EXPECT_NEAR(loudness[1], -20.0, 0.01);
  EXPECT_EQ(loudness[2], -120.0F);
}

}  // namespace
}  // namespace pop2piano
