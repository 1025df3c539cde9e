// SPDX-License-Identifier: MIT
// What the piano's transcriber hears: silence, a sine, and that blocks do not matter.
#include "listening/piano/piano_frames.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

std::vector<float> sine(double frequency, double amplitude, double seconds) {
  std::vector<float> sound(static_cast<std::size_t>(seconds * kPianoSampleRate));
  for (std::size_t i = 0; i < sound.size(); ++i)
    sound[i] = static_cast<float>(
        amplitude * std::sin(2 * std::numbers::pi * frequency * static_cast<double>(i) / kPianoSampleRate));
  return sound;
}

std::vector<std::vector<std::uint8_t>> frames_of(const std::vector<float>& sound, const PianoSound& as,
                                                 std::size_t block) {
  std::vector<std::vector<std::uint8_t>> frames;
  PianoFrames hearing(as, [&](std::span<const std::uint8_t> f) { frames.emplace_back(f.begin(), f.end()); });
  for (std::size_t at = 0; at < sound.size(); at += block)
    hearing.push(std::span(sound).subspan(at, std::min(block, sound.size() - at)));
  hearing.finish();
  return frames;
}

std::size_t loudest_band(const std::vector<std::uint8_t>& frame, std::size_t window) {
  const auto first = frame.begin() + static_cast<std::ptrdiff_t>(window * kPianoBands);
  return static_cast<std::size_t>(std::max_element(first, first + kPianoBands) - first);
}

TEST(PianoFrames, OfSilenceAreZero) {
  const auto frames = frames_of(std::vector<float>(44100), {}, 44100);
  ASSERT_EQ(frames.size(), 100U);
  for (const auto& frame : frames) EXPECT_TRUE(std::ranges::all_of(frame, [](int level) { return level == 0; }));
}

// A sine's magnitude is half its amplitude on its bin and half of that on the two beside it; a band is their weighted
// mean over a triangle of `reach` bins to either side. Off a bin 0.4 of the power's logarithm are lost at most.
TEST(PianoFrames, ShowASineInItsBandAtItsLevel) {
  for (const int pitch : {57, 69, 81, 100}) {
    const auto frames = frames_of(sine(440.0 * std::exp2((pitch - 69) / 12.0), 0.2, 2.0), {}, 5000);
    const auto& middle = frames[50];
    const auto band = static_cast<std::size_t>(3 * (pitch - kLowestPianoKey) + 1);
    EXPECT_EQ(loudest_band(middle, 0), band) << pitch;
    const double bin = static_cast<double>(kPianoSampleRate) / 8192;
    const double reach = 440.0 * std::exp2((pitch - 69) / 12.0) * (std::exp2(1.0 / 36.0) - 1.0) / bin;
    const double magnitude = 0.1 * (1.0 + (1.0 - 1.0 / reach)) / reach;
    const double expected = (2 * std::log(magnitude) + kPianoLevelZero) * kPianoLevelsPerUnit;
    EXPECT_NEAR(middle[band], expected, 0.4 * kPianoLevelsPerUnit) << pitch;
  }
}

TEST(PianoFrames, FollowTheTuning) {
  const auto high = sine(440.0 * std::exp2(0.4 / 12.0), 0.2, 1.0);
  EXPECT_EQ(loudest_band(frames_of(high, {.gain = 1.0F, .cents = 40.0}, 3000)[25], 0), 145U);
  EXPECT_EQ(loudest_band(frames_of(high, {}, 3000)[25], 0), 146U) << "a third above";
}

TEST(PianoFrames, DoNotDependOnTheBlocks) {
  const auto sound = sine(300.0, 0.3, 1.3);
  EXPECT_EQ(frames_of(sound, {}, sound.size()), frames_of(sound, {}, 777));
}

TEST(PianoSurvey, BringsLoudPartsToOneLevel) {
  ThreadPool pool(1);
  for (const double amplitude : {0.01, 0.5}) {
    PianoSurvey survey(pool);
    auto sound = sine(440.0, amplitude, 20.0);
    std::fill(sound.begin(), sound.begin() + 200000, 0.0F);  // half is silent
    survey.push(sound);
    const double rms = amplitude / std::numbers::sqrt2;
    EXPECT_NEAR(survey.finish().gain * rms, 0.1, 0.006) << "bins of half a decibel";
  }
  EXPECT_EQ(PianoSurvey(pool).finish().gain, 1.0F);
}

}  // namespace
}  // namespace pop2piano
