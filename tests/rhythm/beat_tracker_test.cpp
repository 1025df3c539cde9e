// SPDX-License-Identifier: MIT
#include "rhythm/beat_tracker.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "click_sound.h"

namespace pop2piano {
namespace {

BeatAnalysis track(const std::vector<float>& samples, const BeatTrackerOptions& options = {}, std::size_t block = 4096,
                   int threads = 1) {
  const auto tracker = make_beat_tracker(options);
  for (std::size_t at = 0; at < samples.size(); at += block) {
    tracker->push(std::span(samples).subspan(at, std::min(block, samples.size() - at)));
  }
  ThreadPool pool(threads);
  return tracker->finish(pool, {});
}

std::vector<double> downbeats(const BeatGrid& grid) {
  std::vector<double> times;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    if (grid.numbers[i] == 1) times.push_back(grid.times[i]);
  }
  return times;
}

std::vector<double> every(const std::vector<double>& beats, std::size_t first, std::size_t step) {
  std::vector<double> chosen;
  for (std::size_t i = first; i < beats.size(); i += step) chosen.push_back(beats[i]);
  return chosen;
}

struct Loop {
  double tempo, first;
  std::size_t first_downbeat, metre;
};

class DrumLoops : public ::testing::TestWithParam<Loop> {};

TEST_P(DrumLoops, AreFollowedBeatByBeatAndBarByBar) {
  const Loop loop = GetParam();
  const auto beats = even_beats(loop.tempo, loop.first, 49);
  const BeatAnalysis analysis = track(drum_loop(beats, loop.first_downbeat, loop.metre).samples);
  EXPECT_NEAR(analysis.grid.tempo(), loop.tempo, 0.005 * loop.tempo);
  EXPECT_GE(f_measure(beats, analysis.grid.times, 0.02), 0.97);
  EXPECT_GE(f_measure(every(beats, loop.first_downbeat, loop.metre), downbeats(analysis.grid), 0.02), 0.9);
  EXPECT_EQ(analysis.grid.beats_per_bar, static_cast<int>(loop.metre));
  EXPECT_TRUE(analysis.constant_tempo);
  EXPECT_GT(analysis.confidence, 0.5);
  EXPECT_EQ(analysis.loudness_db_per_beat.size(), analysis.grid.size());
  EXPECT_EQ(analysis.grid.confidence.size(), analysis.grid.size());
}

INSTANTIATE_TEST_SUITE_P(Tempi, DrumLoops,
                         ::testing::Values(Loop{75, 0.3, 0, 4}, Loop{96.4, 1.7, 0, 4}, Loop{120, 0.5, 2, 4},
                                           Loop{138, 0.1, 1, 4}, Loop{160, 3.0, 0, 4}, Loop{132, 0.4, 0, 3}));

TEST(BeatTracker, FollowsATempoThatDrifts) {
  std::vector<double> beats = {0.4};
  for (int i = 1; i < 80; ++i) beats.push_back(beats.back() + 0.5 * (1 + 0.04 * std::sin(i / 12.0)));
  const BeatAnalysis analysis = track(drum_loop(beats, 0, 4).samples);
  EXPECT_GE(f_measure(beats, analysis.grid.times, 0.03), 0.97);
  EXPECT_FALSE(analysis.constant_tempo);
}

TEST(BeatTracker, BlocksAndThreadsDoNotMatter) {
  const auto samples = drum_loop(even_beats(110, 0.2, 24), 0, 4).samples;
  const BeatAnalysis reference = track(samples);
  for (const std::size_t block : {std::size_t{1}, std::size_t{777}, samples.size()}) {
    const BeatAnalysis other = track(samples, {}, block, 3);
    EXPECT_EQ(other.grid.times, reference.grid.times) << block;
    EXPECT_EQ(other.grid.numbers, reference.grid.numbers) << block;
    EXPECT_EQ(other.grid.confidence, reference.grid.confidence) << block;
    EXPECT_EQ(other.loudness_db_per_beat, reference.loudness_db_per_beat) << block;
  }
}

TEST(BeatTracker, DoesWhatItIsTold) {
  const auto beats = even_beats(100, 0.3, 64);
  const auto samples = drum_loop(beats, 0, 4).samples;
  EXPECT_NEAR(track(samples, {.tempo_times = 0.5}).grid.tempo(), 50, 0.5);
  EXPECT_NEAR(track(samples, {.tempo_times = 2}).grid.tempo(), 200, 2);
  EXPECT_EQ(track(samples, {.beats_per_bar = 3}).grid.beats_per_bar, 3);
  const BeatGrid shifted = track(samples, {.downbeat_shift = 1}).grid;
  EXPECT_GE(f_measure(every(beats, 1, 4), downbeats(shifted), 0.02), 0.9);
}

TEST(BeatTracker, HearsSwing) {
  const auto beats = even_beats(110, 0.3, 64);
  for (const double ratio : {1.0, 2.0}) {
    Sound sound = drum_loop(beats, 0, 4);
    std::fill(sound.samples.begin(), sound.samples.end(), 0.0f);
    Random random(2);
    for (std::size_t i = 0; i + 1 < beats.size(); ++i) {
      if (i % 2 == 0)
        sound.kick(beats[i]);
      else
        sound.snare(beats[i], random);
      sound.hat(beats[i], 1.0, random);
      sound.hat(beats[i] + 60.0 / 110 * ratio / (1 + ratio), 0.8, random);
    }
    const BeatAnalysis analysis = track(sound.samples);
    EXPECT_NEAR(analysis.grid.tempo(), 110, 1);
    EXPECT_NEAR(analysis.swing_ratio, ratio, 0.1 * ratio);
  }
}

void expect_nothing_found(const std::vector<float>& samples) {
  try {
    (void)track(samples);
    FAIL() << "beats in " << samples.size() << " samples";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::nothing_found);
    EXPECT_NE(std::string(error.what()).find("no beats found"), std::string::npos) << error.what();
  }
}

TEST(BeatTracker, FindsNothingInSilenceOrAMoment) {
  expect_nothing_found({});
  expect_nothing_found(std::vector<float>(22050 * 30, 0.0f));
  expect_nothing_found(drum_loop(even_beats(120, 0, 2), 0, 4).samples);
  Sound click(20);
  click.kick(10);
  expect_nothing_found(click.samples);
}

TEST(BeatTracker, IsNotSureOfWhatHasNoBeat) {
  Sound noise(30), tone(30);
  Random random(1);
  for (float& sample : noise.samples) sample = static_cast<float>(0.1 * random.normal());
  for (std::size_t i = 0; i < tone.samples.size(); ++i) {
    tone.samples[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i) / kRate));
  }
  for (const Sound* sound : {&noise, &tone}) {
    const BeatAnalysis analysis = track(sound->samples);
    EXPECT_LT(analysis.confidence, 0.3);
    EXPECT_FALSE(analysis.remarks.empty());
  }
}

TEST(BeatTracker, SaysThatAFastMetronomeIsCountedInHalves) {
  Sound sound(30);
  for (const double time : even_beats(300, 0.2, 140)) sound.tone(time, 1000, 0.5, 0.02);
  const BeatAnalysis analysis = track(sound.samples);
  EXPECT_NEAR(std::remainder(300 / analysis.grid.tempo(), 1.0), 0, 0.03) << analysis.grid.tempo();
}

TEST(BeatTracker, RejectsOptionsOutOfRange) {
  EXPECT_THROW(make_beat_tracker({.tempo_times = 3}), Error);
  EXPECT_THROW(make_beat_tracker({.beats_per_bar = 1}), Error);
  EXPECT_THROW(make_beat_tracker({.beats_per_bar = 9}), Error);
  EXPECT_THROW(make_beat_tracker({.min_tempo = 120, .max_tempo = 100}), Error);
}

}  // namespace
}  // namespace pop2piano
