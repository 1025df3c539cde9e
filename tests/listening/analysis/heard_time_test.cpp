// SPDX-License-Identifier: MIT
// Time without silent ends and gaps, and beats that go through them.
#include "listening/analysis/heard_time.h"

#include <pop2piano/error.h>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

const std::vector<TimeSpan> kParts = {{2.0, 6.0}, {16.0, 20.0}};

BeatGrid beats(std::initializer_list<double> times, int first_number = 1) {
  BeatGrid grid{.times = times};
  for (std::size_t i = 0; i < grid.size(); ++i) {
    grid.numbers.push_back((first_number - 1 + static_cast<int>(i)) % 4 + 1);
    grid.confidence.push_back(0.5F);
  }
  return grid;
}

TEST(HeardTime, GoesToAndFro) {
  const HeardTime time(kParts);
  EXPECT_DOUBLE_EQ(time.duration(), 8.0);
  for (const auto& [heard, there] : std::vector<std::pair<double, double>>{
           {-1.0, 1.0}, {0.0, 2.0}, {3.5, 5.5}, {4.0, 16.0}, {8.0, 20.0}, {9.0, 21.0}}) {
    EXPECT_DOUBLE_EQ(time.in_recording(heard), there);
    EXPECT_DOUBLE_EQ(time.heard(there), heard);
  }
  EXPECT_DOUBLE_EQ(time.heard(10.0), 4.0);
  EXPECT_TRUE(time.in_gap(6.0));
  EXPECT_TRUE(time.in_gap(15.9));
  for (const double outside : {1.0, 2.0, 5.9, 16.0, 21.0}) EXPECT_FALSE(time.in_gap(outside)) << outside;
}

TEST(HeardTime, BeatsGoOnThroughAGapByWholeBars) {
  const HeardTime time(kParts);
  const BeatGrid grid = time.in_recording(beats({2.7, 3.3, 3.9, 4.5, 5.1}, 2));
  // 10 s of gap at 0.6 s a beat: 16 or 17 beats, by bars 16.
  ASSERT_EQ(grid.size(), 21U);
  grid.validate();
  EXPECT_DOUBLE_EQ(grid.times[2], 5.9);
  EXPECT_DOUBLE_EQ(grid.times[19], 16.5);
  for (std::size_t i = 3; i < 19; ++i) {
    EXPECT_TRUE(time.in_gap(grid.times[i])) << grid.times[i];
    EXPECT_EQ(grid.confidence[i], 0.0F);
    EXPECT_NEAR(grid.times[i] - grid.times[i - 1], 0.62, 0.03) << i;
  }
  for (std::size_t i = 1; i < grid.size(); ++i) EXPECT_EQ(grid.numbers[i], grid.numbers[i - 1] % 4 + 1) << i;
}

TEST(HeardTime, BeatsOfAWholeRecordingStayAsTheyAre) {
  const std::vector<TimeSpan> whole = {{0.0, 10.0}};
  const BeatGrid grid = beats({0.513, 1.017, 1.511});
  EXPECT_EQ(HeardTime(whole).in_recording(grid).times, grid.times);
}

TEST(LayOutBeats, OfWhatSoundsAndOfTheRecording) {
  Analysis analysis;
  analysis.sounding = kParts;
  analysis.rhythm.grid = HeardTime(kParts).in_recording(beats({0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.5, 5.0, 5.5, 6.0}));
  lay_out_beats(analysis);
  EXPECT_LE(analysis.grid.times.front(), 0.0);  // the silence at the start has beats, that at the end has none
  EXPECT_NEAR(analysis.grid.times.back(), 20.0, 0.5);
  EXPECT_LE(analysis.heard.grid.times.front(), 0.0);
  EXPECT_GE(analysis.heard.grid.times.back(), 8.0);
  EXPECT_EQ(analysis.heard.first_found, 1U);
  EXPECT_EQ(analysis.heard.found, 11U);
  ASSERT_EQ(analysis.heard.places.size(), analysis.heard.grid.size());
  const HeardTime time(kParts);
  for (std::size_t i = 0; i < analysis.heard.places.size(); ++i) {
    const auto place = static_cast<std::size_t>(analysis.heard.places[i]);
    EXPECT_NEAR(analysis.grid.times[place], time.in_recording(analysis.heard.grid.times[i]), 1e-9) << i;
    EXPECT_EQ(analysis.grid.numbers[place], analysis.heard.grid.numbers[i]) << i;
  }
}

TEST(LayOutBeats, GivenInSilenceAloneAreRefused) {
  Analysis analysis;
  analysis.sounding = kParts;
  analysis.rhythm.grid = beats({8.0, 9.0, 10.0});
  try {
    lay_out_beats(analysis);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
  }
}

}  // namespace
}  // namespace pop2piano
