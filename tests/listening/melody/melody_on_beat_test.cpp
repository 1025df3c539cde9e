// SPDX-License-Identifier: MIT
// The melody on the music's clock.
#include "listening/melody/melody_on_beat.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "test_sounds.h"

namespace pop2piano {
namespace {

using testing::tone;

std::vector<double> steps(std::size_t count, double length) {
  std::vector<double> times;
  for (std::size_t k = 0; k < count; ++k) times.push_back(static_cast<double>(k) * length);
  return times;
}

Matrix<float> frames_of(const std::vector<float>& samples, std::size_t block, int threads) {
  ThreadPool pool(threads);
  MelodyOnBeatExtractor extractor(steps(48, 0.05), pool);
  for (std::size_t at = 0; at < samples.size(); at += block) {
    extractor.push(std::span(samples).subspan(at, std::min(block, samples.size() - at)));
  }
  return extractor.finish();
}

// A4 for a second, rest, E5 for a second.
double two_notes(double time) { return time < 1.0 ? 440.0 : time < 1.2 ? 0.0 : 659.255; }

TEST(MelodyFrames, EachNoteIsItsSemitone) {
  const auto frames = frames_of(tone(2.4, kMelodySampleRate, two_notes), 100000, 2);
  ASSERT_EQ(frames.rows(), 48U);
  ASSERT_EQ(frames.columns(), kMelodyChannels);
  const std::size_t a4 = 69 - kLowestMelodyPitch, e5 = 76 - kLowestMelodyPitch;
  for (const std::size_t channels : {std::size_t{0}, kMelodyPitches}) {
    EXPECT_GT(frames(10, channels + a4), channels == 0 ? 0.9F : 0.35F);  // the weaker of the two may be no voice
    EXPECT_LT(frames(10, channels + e5), 0.1F);
    EXPECT_GT(frames(36, channels + e5), channels == 0 ? 0.9F : 0.35F);
    EXPECT_LT(frames(36, channels + a4), 0.1F);
  }
  for (const float value : frames.flat()) EXPECT_TRUE(value >= 0.0F && value <= 1.0001F);
}

TEST(MelodyFrames, AreHeardOnceForAllSteps) {
  const std::vector<float> sound = tone(2.4, kMelodySampleRate, two_notes);
  ThreadPool pool(1);
  const Matrix<float> on_steps = melody_frames(sound, pool).on(steps(48, 0.05));
  EXPECT_TRUE(std::ranges::equal(on_steps.flat(), frames_of(sound, 4096, 1).flat()));
}

TEST(MelodyFrames, SilenceIsZero) {
  const auto frames = frames_of(std::vector<float>(50000, 0.0F), 4096, 1);
  EXPECT_EQ(*std::max_element(frames.flat().begin(), frames.flat().end()), 0.0F);
}

TEST(MelodyFrames, StepsBeyondTheRecordingAreZero) {
  const auto frames = frames_of(tone(1.0, kMelodySampleRate, two_notes), 4096, 1);
  for (std::size_t k = 30; k < 48; ++k) {
    for (const float value : frames.row(k)) EXPECT_EQ(value, 0.0F);
  }
}

TEST(MelodyFrames, DoNotDependOnBlocksOrThreads) {
  const auto sound = tone(13.0, kMelodySampleRate, [](double time) { return 220.0 + 40.0 * time; });
  const auto whole = frames_of(sound, sound.size(), 1), pieces = frames_of(sound, 5000, 3);
  EXPECT_TRUE(std::equal(whole.flat().begin(), whole.flat().end(), pieces.flat().begin()));
}

}  // namespace
}  // namespace pop2piano
