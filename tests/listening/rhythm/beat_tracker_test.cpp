// SPDX-License-Identifier: MIT
#include "listening/rhythm/beat_tracker.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "click_sound.h"
#include "listening/rhythm/beat_network.h"

namespace pop2piano {
namespace {

const BeatTrackerOptions kBySignal{.activation = BeatActivation::signal};

BeatAnalysis track(const std::vector<float>& samples, const BeatTrackerOptions& options = kBySignal,
                   std::size_t block = 4096, int threads = 1) {
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

class EitherHearing : public ::testing::TestWithParam<BeatActivation> {
 protected:
  void SetUp() override {
    if (GetParam() == BeatActivation::network && installed_beat_network().empty()) {
      GTEST_SKIP() << "no beat network in models/rhythm";
    }
  }
};
INSTANTIATE_TEST_SUITE_P(BySignalAndNetwork, EitherHearing,
                         ::testing::Values(BeatActivation::signal, BeatActivation::network));

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

/// A machine's loop of 120 a minute whose last 32 beats are played by `passage`.
Sound loop_with_passage(const std::vector<double>& beats, const std::function<void(Sound&, double)>& passage) {
  constexpr std::size_t kPassage = 32;
  Sound sound = drum_loop(std::vector<double>(beats.begin(), beats.end() - kPassage), 0, 4);
  sound.samples.resize(static_cast<std::size_t>((beats.back() + 1) * kRate), 0.0F);
  for (std::size_t i = beats.size() - kPassage; i < beats.size(); ++i) passage(sound, beats[i]);
  return sound;
}

TEST_P(EitherHearing, KeepsAMachinesBeatWhereOffBeatsAreLouder) {
  const auto beats = even_beats(120, 0.5, 129);
  Random random(5);
  const Sound sound = loop_with_passage(beats, [&](Sound& s, double beat) {
    s.hat(beat, 0.42, random);
    s.hat(beat + 0.25, 0.6, random);
  });
  const BeatAnalysis analysis = track(sound.samples, {.activation = GetParam()});
  EXPECT_GE(f_measure(beats, analysis.grid.times, 0.02), 0.97);
  EXPECT_TRUE(analysis.constant_tempo);
}

TEST_P(EitherHearing, FollowsABandThatMovesOffTheLine) {
  auto beats = even_beats(120, 0.5, 129);
  for (std::size_t i = 97; i < beats.size(); ++i) beats[i] += 0.25;
  const BeatAnalysis analysis = track(drum_loop(beats, 0, 4).samples, {.activation = GetParam()});
  EXPECT_GE(f_measure(beats, analysis.grid.times, 0.03), 0.95);
  EXPECT_FALSE(analysis.constant_tempo);
}

TEST_P(EitherHearing, PutsAMachinesBeatsOnALine) {
  const auto beats = even_beats(118, 0.3, 80);
  const BeatAnalysis analysis = track(drum_loop(beats, 0, 4).samples, {.activation = GetParam()});
  ASSERT_TRUE(analysis.constant_tempo);
  EXPECT_GE(f_measure(beats, analysis.grid.times, 0.015), 0.97);
  const auto& times = analysis.grid.times;
  const double interval = (times.back() - times.front()) / static_cast<double>(times.size() - 1);
  for (std::size_t i = 0; i < times.size(); ++i) {
    EXPECT_NEAR(times[i], times.front() + interval * static_cast<double>(i), 1e-9) << i;
  }
}

TEST(BeatTracker, FollowsATempoThatDrifts) {
  std::vector<double> beats = {0.4};
  for (int i = 1; i < 80; ++i) beats.push_back(beats.back() + 0.5 * (1 + 0.04 * std::sin(i / 12.0)));
  const BeatAnalysis analysis = track(drum_loop(beats, 0, 4).samples);
  EXPECT_GE(f_measure(beats, analysis.grid.times, 0.03), 0.97);
  EXPECT_FALSE(analysis.constant_tempo);
}

TEST_P(EitherHearing, BlocksAndThreadsDoNotMatter) {
  const auto samples = drum_loop(even_beats(110, 0.2, 24), 0, 4).samples;
  const BeatTrackerOptions options{.activation = GetParam()};
  const BeatAnalysis reference = track(samples, options);
  for (const std::size_t block : {std::size_t{1}, std::size_t{777}, samples.size()}) {
    const BeatAnalysis other = track(samples, options, block, 3);
    EXPECT_EQ(other.grid.times, reference.grid.times) << block;
    EXPECT_EQ(other.grid.numbers, reference.grid.numbers) << block;
    EXPECT_EQ(other.grid.confidence, reference.grid.confidence) << block;
    EXPECT_EQ(other.loudness_db_per_beat, reference.loudness_db_per_beat) << block;
  }
}

TEST(BeatTracker, DoesWhatItIsTold) {
  const auto beats = even_beats(100, 0.3, 64);
  const auto samples = drum_loop(beats, 0, 4).samples;
  EXPECT_NEAR(track(samples, {.tempo_times = 0.5, .activation = BeatActivation::signal}).grid.tempo(), 50, 0.5);
  EXPECT_NEAR(track(samples, {.tempo_times = 2, .activation = BeatActivation::signal}).grid.tempo(), 200, 2);
  EXPECT_EQ(track(samples, {.beats_per_bar = 3, .activation = BeatActivation::signal}).grid.beats_per_bar, 3);
  const BeatGrid shifted = track(samples, {.downbeat_shift = 1, .activation = BeatActivation::signal}).grid;
  EXPECT_GE(f_measure(every(beats, 1, 4), downbeats(shifted), 0.02), 0.9);
}

TEST_P(EitherHearing, CountsEveryMetreItIsTold) {
  const auto samples = drum_loop(even_beats(120, 0.3, 40), 0, 4).samples;
  for (const int metre : {2, 7, 9, 12}) {
    const BeatAnalysis analysis = track(samples, {.beats_per_bar = metre, .activation = GetParam()});
    EXPECT_EQ(analysis.grid.beats_per_bar, metre);
    EXPECT_EQ(*std::max_element(analysis.grid.numbers.begin(), analysis.grid.numbers.end()), metre);
  }
}

// Three minutes of one chord: a guess that says so.
TEST_P(EitherHearing, IsNotSureOfADrone) {
  std::vector<float> samples(static_cast<std::size_t>(180 * kRate));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double turns = 2 * std::numbers::pi * static_cast<double>(i) / kRate;
    samples[i] = static_cast<float>(0.2 * (std::sin(110 * turns) + std::sin(164.81 * turns) + std::sin(220 * turns)));
  }
  const BeatAnalysis analysis = track(samples, {.activation = GetParam()});
  EXPECT_LT(analysis.confidence, 0.3);
  EXPECT_FALSE(analysis.remarks.empty());
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
    EXPECT_NEAR(analysis.swing_ratio, ratio, 0.1);
  }
}

TEST_P(EitherHearing, KnowsTheKey) {
  Sound sound(32);
  Random random(1);
  // C major's degrees I IV V I, a bar of two seconds each.
  for (std::size_t i = 0; i < 64; ++i) {
    constexpr double kRoots[] = {261.63, 349.23, 392.0, 261.63};
    if (i % 4 == 0) sound.chord(0.5 * static_cast<double>(i), kRoots[i / 4 % 4], 1.5);
    sound.hat(0.5 * static_cast<double>(i), 1.0, random);
  }
  const BeatAnalysis analysis = track(sound.samples, {.activation = GetParam()});
  ASSERT_TRUE(analysis.key.has_value());
  EXPECT_EQ(*analysis.key, (Key{.fifths = 0, .minor = false}));
}

void expect_nothing_found(const std::vector<float>& samples, BeatActivation activation) {
  try {
    (void)track(samples, {.activation = activation});
    FAIL() << "beats in " << samples.size() << " samples";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::nothing_found);
    EXPECT_NE(std::string(error.what()).find("no beats found"), std::string::npos) << error.what();
  }
}

TEST_P(EitherHearing, FindsNothingInSilenceOrAMoment) {
  expect_nothing_found({}, GetParam());
  expect_nothing_found(std::vector<float>(22050 * 30, 0.0f), GetParam());
  expect_nothing_found(drum_loop(even_beats(120, 0, 2), 0, 4).samples, GetParam());
  Sound click(20);
  click.kick(10);
  expect_nothing_found(click.samples, GetParam());
}

TEST_P(EitherHearing, IsNotSureOfWhatHasNoBeat) {
  Sound noise(30), tone(30), speech(30);
  Random syllables(4);
  for (double time = 0.3; time < 29; time += syllables.uniform(0.1, 0.5)) {
    const double pitch = syllables.uniform(100, 180);
    for (int harmonic = 1; harmonic < 12; ++harmonic) speech.tone(time, pitch * harmonic, 0.2 / harmonic, 0.05);
    if (syllables.chance(0.4)) speech.noise(time - 0.03, 0.05, 0.02, syllables);
  }
  Random random(1);
  for (float& sample : noise.samples) sample = static_cast<float>(0.1 * random.normal());
  for (std::size_t i = 0; i < tone.samples.size(); ++i) {
    tone.samples[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * 440 * static_cast<double>(i) / kRate));
  }
  for (const Sound* sound : {&noise, &tone, &speech}) {
    const BeatAnalysis analysis = track(sound->samples, {.activation = GetParam()});
    EXPECT_LT(analysis.confidence, 0.3);
    EXPECT_FALSE(analysis.remarks.empty());
  }
}

TEST_P(EitherHearing, FindsNothingOrIsNotSureInTwoSeconds) {
  const BeatTrackerOptions options{.activation = GetParam()};
  for (const double tempo : {60.0, 120.0, 200.0}) {
    auto samples = drum_loop(even_beats(tempo, 0.1, 12), 0, 4).samples;
    samples.resize(static_cast<std::size_t>(2 * kRate));
    try {
      const BeatAnalysis analysis = track(samples, options);
      EXPECT_LE(analysis.grid.times.back(), 2.0) << tempo;
      EXPECT_TRUE(analysis.confidence < 0.3 || std::abs(analysis.grid.tempo() - tempo) < 0.03 * tempo) << tempo;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::nothing_found) << tempo;
    }
  }
}

TEST_P(EitherHearing, CountsAFastMetronomeInHalvesOrIsNotSure) {
  Sound sound(30);
  for (const double time : even_beats(300, 0.2, 140)) sound.tone(time, 1000, 0.5, 0.02);
  const BeatAnalysis analysis = track(sound.samples, {.activation = GetParam()});
  const bool in_time = std::abs(std::remainder(300 / analysis.grid.tempo(), 1.0)) < 0.03;
  EXPECT_TRUE(in_time || analysis.confidence < 0.3) << analysis.grid.tempo() << ", " << analysis.confidence;
}

TEST_P(EitherHearing, SaysWhoHeardTheBeatsAndWhat) {
  const auto samples = drum_loop(even_beats(110, 0.2, 40), 0, 4).samples;
  const BeatAnalysis analysis = track(samples, {.activation = GetParam()});
  EXPECT_EQ(analysis.by_network, GetParam() == BeatActivation::network);
  EXPECT_NEAR(analysis.grid.tempo(), 110, 1);
  EXPECT_EQ(analysis.curves.beat.size(), analysis.curves.onset.size());
  EXPECT_EQ(analysis.curves.downbeat.size(), analysis.curves.onset.size());
  EXPECT_NEAR(static_cast<double>(analysis.curves.onset.size()) / analysis.curves.frame_rate,
              static_cast<double>(samples.size()) / kRate, 0.05);
}

TEST(BeatTracker, NamesTheNetworkThatIsMissing) {
  EXPECT_THROW(make_beat_tracker({.activation = BeatActivation::network, .network = "/nonexistent.safetensors"}),
               Error);
}

TEST(BeatTracker, RejectsOptionsOutOfRange) {
  EXPECT_THROW(make_beat_tracker({.tempo_times = 3}), Error);
  EXPECT_THROW(make_beat_tracker({.beats_per_bar = 1}), Error);
  EXPECT_THROW(make_beat_tracker({.beats_per_bar = 13}), Error);
  EXPECT_THROW(make_beat_tracker({.min_tempo = 120, .max_tempo = 100}), Error);
}

}  // namespace
}  // namespace pop2piano
