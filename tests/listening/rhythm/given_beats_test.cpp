// SPDX-License-Identifier: MIT
// Beats of a whole file and the stretch of it that is heard; units that are not seconds.
#include "listening/rhythm/given_beats.h"

#include <pop2piano/error.h>

#include <string>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

/// One beat every `interval` from `start` on, in threes.
BeatGrid beats(std::size_t count, double interval, double start = 0.1) {
  BeatGrid grid{.beats_per_bar = 3};
  for (std::size_t i = 0; i < count; ++i) {
    grid.times.push_back(start + interval * static_cast<double>(i));
    grid.numbers.push_back(static_cast<int>(i % 3) + 1);
  }
  return grid;
}

std::string refusal(const BeatGrid& given, const HeardStretch& heard) {
  try {
    static_cast<void>(beats_within(given, heard));
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid_argument);
    return error.what();
  }
  return "";
}

TEST(GivenBeats, CountFromTheStartOfTheFile) {
  const auto fitted =
      beats_within(beats(400, 0.5), {.name = "a", .start = 60.0, .duration = 25.0, .to_the_end = false});
  ASSERT_EQ(fitted.grid.size(), 50U);
  EXPECT_NEAR(fitted.grid.times.front(), 0.1, 1e-9);  // beat 120, at 60.1 s
  EXPECT_NEAR(fitted.grid.times.back(), 24.6, 1e-9);
  EXPECT_EQ(fitted.grid.numbers.front(), 1);
  EXPECT_EQ(fitted.grid.numbers[1], 2);
  EXPECT_EQ(fitted.grid.beats_per_bar, 3);
  EXPECT_EQ(fitted.remark, "");
}

TEST(GivenBeats, OnTheFirstSampleMayHaveBeenHeardEarly) {
  const HeardStretch whole{.name = "a", .start = 0.0, .duration = 20.0};
  const auto fitted = beats_within(beats(10, 0.6, -0.0026), whole);
  EXPECT_EQ(fitted.grid.size(), 10U);
  EXPECT_DOUBLE_EQ(fitted.grid.times.front(), -0.0026);
  EXPECT_EQ(fitted.remark, "");
  EXPECT_EQ(beats_within(beats(10, 0.6, -0.03), whole).grid.size(), 9U);
}

TEST(GivenBeats, KeepTheirNumbersWhereTheStretchBeginsWithinABar) {
  const auto fitted = beats_within(beats(400, 0.5), {.name = "a", .start = 60.2, .duration = 25.0});
  EXPECT_EQ(fitted.grid.numbers.front(), 2);
}

TEST(GivenBeats, BeyondTheRecordingAreLeftOutWithAWord) {
  const auto fitted = beats_within(beats(100, 0.5), {.name = "a", .duration = 40.0});
  EXPECT_EQ(fitted.grid.size(), 80U);
  EXPECT_EQ(fitted.remark, "20 of the 100 given beats lie outside the recording and are left out");
  const auto before = beats_within(beats(100, 0.5, -2.0), {.name = "a", .duration = 90.0});
  EXPECT_EQ(before.grid.size(), 96U);
  EXPECT_EQ(before.remark.substr(0, 8), "4 of the");
}

TEST(GivenBeats, NonsenseIsRefusedWithAGuess) {
  const HeardStretch heard{.name = "song.mp3", .duration = 180.0};
  EXPECT_NE(refusal(beats(300, 467.0), heard).find("milliseconds? divide them by 1000"), std::string::npos);
  EXPECT_NE(refusal(beats(300, 22050.0), heard).find("samples at 44.1 kHz?"), std::string::npos);
  EXPECT_NE(refusal(beats(300, 0.008), heard).find("minutes?"), std::string::npos);
  EXPECT_NE(refusal(beats(300, 30.0), heard).find("one beat every 30 s"), std::string::npos);
  EXPECT_EQ(refusal(beats(300, 30.0), heard).find("?"), std::string::npos);
}

TEST(GivenBeats, OfSomewhereElseAreRefused) {
  const std::string why = refusal(beats(300, 0.5, 1000.0), {.name = "song.mp3", .duration = 180.0});
  EXPECT_NE(why.find("song.mp3: the given beats"), std::string::npos);
  EXPECT_NE(why.find("found 0 of 300"), std::string::npos);
  EXPECT_NE(why.find("1000.0 s"), std::string::npos);
  EXPECT_NE(refusal(beats(3, 0.5), {.name = "a", .start = 1.0, .duration = 20.0}), "");  // one is left
}

}  // namespace
}  // namespace pop2piano
