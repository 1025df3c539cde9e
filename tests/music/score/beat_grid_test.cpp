// SPDX-License-Identifier: MIT
#include <pop2piano/error.h>
#include <pop2piano/score.h>

#include <cmath>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

BeatGrid small_grid() { return {.times = {1.0, 1.5, 2.5, 3.0}, .numbers = {1, 2, 3, 4}, .confidence = {}}; }

TEST(BeatGrid, InterpolatesBetweenBeats) {
  const BeatGrid grid = small_grid();
  EXPECT_DOUBLE_EQ(grid.time_at(0), 1.0);
  EXPECT_DOUBLE_EQ(grid.time_at(1.5), 2.0);
  EXPECT_DOUBLE_EQ(grid.time_at(3), 3.0);
  EXPECT_DOUBLE_EQ(grid.beat_at(2.0), 1.5);
  EXPECT_DOUBLE_EQ(grid.beat_at(3.0), 3.0);
}

TEST(BeatGrid, GoesOnByTheMedianInterval) {
  const BeatGrid grid = small_grid();
  EXPECT_DOUBLE_EQ(grid.median_interval(), 0.5);
  EXPECT_DOUBLE_EQ(grid.tempo(), 120.0);
  EXPECT_DOUBLE_EQ(grid.time_at(-2), 0.0);
  EXPECT_DOUBLE_EQ(grid.time_at(5), 4.0);
  EXPECT_DOUBLE_EQ(grid.beat_at(0.25), -1.5);
  EXPECT_DOUBLE_EQ(grid.beat_at(3.25), 3.5);
}

TEST(BeatGrid, MedianOfAnEvenNumberIsTheMeanOfTheTwoInTheMiddle) {
  const BeatGrid grid{.times = {0.0, 0.4, 1.0}, .numbers = {1, 2, 1}, .confidence = {}};
  EXPECT_DOUBLE_EQ(grid.median_interval(), 0.5);
}

TEST(BeatGrid, BeatAtInvertsTimeAt) {
  Random random(1);
  BeatGrid grid;
  double time = 0.3;
  for (int i = 0; i < 200; ++i) {
    grid.times.push_back(time += random.uniform(0.01, 2.0));
    grid.numbers.push_back(1);
  }
  for (int i = 0; i < 1000; ++i) {
    const double beat = random.uniform(-20.0, 220.0);
    EXPECT_NEAR(grid.beat_at(grid.time_at(beat)), beat, 1e-9);
  }
}

TEST(BeatGrid, ExtensionReachesBothEndsAndContinuesNumbers) {
  BeatGrid grid{.times = {1.1, 1.6, 2.1, 2.6}, .numbers = {3, 4, 1, 2}, .confidence = {1, 1, 1, 1}};
  const BeatGrid longer = grid.extended(0.0, 4.0);
  longer.validate();
  ASSERT_EQ(longer.size(), 10U);
  EXPECT_NEAR(longer.times.front(), -0.4, 1e-12);
  EXPECT_NEAR(longer.times.back(), 4.1, 1e-12);
  EXPECT_EQ(longer.numbers, (std::vector<int>{4, 1, 2, 3, 4, 1, 2, 3, 4, 1}));
  EXPECT_EQ(longer.confidence, (std::vector<float>{0, 0, 0, 1, 1, 1, 1, 0, 0, 0}));
  EXPECT_EQ(grid.extended(1.1, 2.6).times, grid.times);
}

TEST(BeatGrid, ExtensionBeyondReasonIsRefused) {
  EXPECT_THROW((void)small_grid().extended(-1e12, 0.0), Error);
  EXPECT_THROW((void)small_grid().extended(0.0, INFINITY), Error);
}

TEST(BeatGrid, ValidateNamesTheFirstBadBeat) {
  const auto message_of = [](const BeatGrid& grid) -> std::string {
    try {
      grid.validate();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
      return error.what();
    }
    return "";
  };
  BeatGrid grid = small_grid();
  EXPECT_EQ(message_of(grid), "");
  grid.times[2] = 1.5;
  EXPECT_NE(message_of(grid).find("beat 3"), std::string::npos);
  grid.times[2] = NAN;
  EXPECT_NE(message_of(grid).find("beat 3 expected finite"), std::string::npos);
  grid = small_grid();
  grid.numbers[1] = 0;
  EXPECT_NE(message_of(grid).find("beat 2"), std::string::npos);
  grid = small_grid();
  grid.numbers.pop_back();
  EXPECT_NE(message_of(grid), "");
  grid = small_grid();
  grid.confidence = {1.0F};
  EXPECT_NE(message_of(grid), "");
  grid = small_grid();
  grid.beats_per_bar = 0;
  EXPECT_NE(message_of(grid), "");
  EXPECT_NE(message_of(BeatGrid{.times = {1.0}, .numbers = {1}, .confidence = {}}), "");
}

TEST(KeyName, FollowsTheLineOfFifths) {
  EXPECT_EQ(to_string(Key{0, false}), "C major");
  EXPECT_EQ(to_string(Key{0, true}), "A minor");
  EXPECT_EQ(to_string(Key{-3, false}), "Eb major");
  EXPECT_EQ(to_string(Key{3, true}), "F# minor");
  EXPECT_EQ(to_string(Key{-7, false}), "Cb major");
  EXPECT_EQ(to_string(Key{7, true}), "A# minor");
}

TEST(SortNotes, OnsetThenMelodyThenHighFirst) {
  std::vector<Note> notes = {{.onset = 12, .pitch = 50},
                             {.onset = 0, .pitch = 40},
                             {.onset = 0, .pitch = 60},
                             {.onset = 0, .pitch = 50, .voice = Voice::melody}};
  sort_notes(notes);
  EXPECT_EQ(notes[0].voice, Voice::melody);
  EXPECT_EQ(notes[1].pitch, 60);
  EXPECT_EQ(notes[2].pitch, 40);
  EXPECT_EQ(notes[3].onset, 12);
}

}  // namespace
}  // namespace pop2piano
