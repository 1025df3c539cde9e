// SPDX-License-Identifier: MIT
#include "listening/analysis/beats.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "test_sounds.h"

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

TEST(Beats, ThreeBeatsInThePlaceOfTwoAndBack) {
  BeatGrid grid = steady(9);
  renumber(grid, 3, 4);  // downbeats at 1 and 3 s
  const BeatGrid faster = at_tempo_times(grid, 1.5);
  EXPECT_EQ(faster.beats_per_bar, 6);
  EXPECT_EQ(faster.numbers[3], 1);
  EXPECT_NEAR(faster.times[3], 1.0, 1e-9);
  EXPECT_NEAR(faster.times[9], 3.0, 1e-9);
  EXPECT_EQ(faster.numbers[9], 1);
  const BeatGrid slower = at_tempo_times(faster, 0.667);
  EXPECT_EQ(slower.beats_per_bar, 4);
  EXPECT_NEAR(slower.times[2], 1.0, 1e-9);
  EXPECT_EQ(slower.numbers[2], 1);
}

// Four ticks to a bar, the first the loudest.
Recording ticking(double seconds) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * kAnalysisSampleRate), 0.0F);
  for (std::size_t beat = 0; beat * 11025 + 400 < samples.size(); ++beat) {
    for (std::size_t i = 0; i < 400; ++i) {
      samples[beat * 11025 + i] = (beat % 4 == 0 ? 0.9F : 0.4F) * (i % 16 < 8 ? 1.0F : -1.0F);
    }
  }
  return Recording::from({.samples = std::move(samples)});
}

double sum_of(const std::vector<RhythmAnswer>& answers) {
  double sum = 0;
  for (const RhythmAnswer& answer : answers) sum += answer.chance;
  return sum;
}

TEST(Beats, EveryQuestionHasAnswersAndOneIsTaken) {
  const Rhythm rhythm = find_beats(ticking(30), {}, 1);
  EXPECT_EQ(rhythm.downbeat_chances.size(), rhythm.grid.size());
  for (const auto question : {RhythmQuestion::tempo, RhythmQuestion::metre, RhythmQuestion::downbeat}) {
    const auto answers = rhythm.answers_to(question);
    EXPECT_NEAR(sum_of(answers), 1.0, 1e-6);
    EXPECT_EQ(std::count_if(answers.begin(), answers.end(), [&](const auto& a) { return rhythm.counts_so(a); }), 1);
  }
}

TEST(Beats, AnswersBeginWithTheOneThatIsTaken) {
  const Recording sound = ticking(30);
  for (const double times : {0.5, 1.0, 2.0}) {
    const Rhythm rhythm = find_beats(sound, {.tempo_times = times}, 1);
    for (const auto question : {RhythmQuestion::tempo, RhythmQuestion::metre, RhythmQuestion::downbeat}) {
      const auto answers = rhythm.answers_to(question);
      ASSERT_FALSE(answers.empty());
      EXPECT_TRUE(rhythm.counts_so(answers.front())) << times;
      EXPECT_TRUE(std::is_sorted(answers.begin() + 1, answers.end(),
                                 [](const auto& a, const auto& b) { return a.chance > b.chance; }));
    }
  }
}

// Every tick alike: both tempi an octave apart are heard, and the one that was taken is never called the less likely.
TEST(Beats, NoOtherTempoIsLikelierThanTheOneThatWasChosen) {
  for (const std::size_t interval : {4410U, 8820U, 11025U, 16537U, 22050U}) {
    std::vector<float> samples(static_cast<std::size_t>(30 * kAnalysisSampleRate), 0.0F);
    for (std::size_t at = 0; at + 400 < samples.size(); at += interval) {
      for (std::size_t i = 0; i < 400; ++i) samples[at + i] = i % 16 < 8 ? 0.5F : -0.5F;
    }
    const auto answers = find_beats(Recording::from({.samples = std::move(samples)}), {}, 1)  //
                             .answers_to(RhythmQuestion::tempo);
    ASSERT_FALSE(answers.empty()) << interval;
    for (const RhythmAnswer& answer : answers) EXPECT_LE(answer.chance, answers.front().chance) << interval;
    EXPECT_NEAR(sum_of(answers), 1.0, 1e-6);
  }
}

TEST(Beats, OfNoiseAndOfOneNoteNothingIsSure) {
  Random random(3);
  std::vector<float> noise(static_cast<std::size_t>(30 * kAnalysisSampleRate));
  for (float& sample : noise) sample = static_cast<float>(0.1 * random.normal());
  const auto note = testing::tone(30.0, kAnalysisSampleRate, [](double) { return 220.0; });
  for (const auto& samples : {noise, note}) {
    const Rhythm rhythm = find_beats(Recording::from({.samples = samples}), {}, 1);
    EXPECT_LT(rhythm.confidence, 0.3);
    for (const float chance : rhythm.downbeat_chances) EXPECT_LT(chance, 0.6F);
    for (const RhythmAnswer& answer : rhythm.answers) EXPECT_LT(answer.chance, 0.7);
  }
}

TEST(Beats, AnAnswerIsTakenByItsOption) {
  const Recording sound = ticking(30);
  const Rhythm rhythm = find_beats(sound, {}, 1);
  for (const RhythmAnswer& answer : rhythm.answers_to(RhythmQuestion::downbeat)) {
    EXPECT_EQ(option_of(answer), "--downbeat " + std::to_string(answer.downbeat));
    EXPECT_TRUE(find_beats(sound, with_answer({}, answer), 1).counts_so(answer));
  }
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
