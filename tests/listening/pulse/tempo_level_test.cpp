// SPDX-License-Identifier: MIT
#include "listening/pulse/tempo_level.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

constexpr double kFrameRate = 50;
constexpr std::size_t kInterval = 50;  // frames: 60 a minute
constexpr std::size_t kBeats = 60;

// `on` each second, `between` halfway, what speaks against a beat elsewhere.
BeatEvidence ticks(float on, float between) {
  BeatEvidence evidence;
  evidence.frame_rate = kFrameRate;
  evidence.resize(kBeats * kInterval);
  for (std::size_t t = 0; t < evidence.frames(); ++t) {
    evidence.beat[t] = t % kInterval == 10 ? on : t % kInterval == 10 + kInterval / 2 ? between : -4.0f;
  }
  return evidence;
}

double tempo_found(const BeatEvidence& evidence, const BeatDecoderOptions& options, const LevelWeights& weights) {
  return median_tempo(decode_tapped_beats(evidence, options, weights), kFrameRate);
}

constexpr LevelWeights kDifference = {0, 1, -1, 0};  // faster where there is more between the beats than on them

TEST(TempoLevel, MeansOnAndBetweenTheBeats) {
  std::vector<std::size_t> frames;
  for (std::size_t i = 0; i < kBeats; ++i) frames.push_back(i * kInterval + 11);  // a frame late
  const LevelEvidence heard = level_evidence(ticks(2, -1), frames);
  EXPECT_NEAR(heard.on, 2, 1e-6);
  EXPECT_NEAR(heard.between, -1, 1e-6);
  EXPECT_NEAR(heard.tempo, 60, 1e-9);
  EXPECT_EQ(level_evidence(ticks(2, -1), {}).on, 0);
}

TEST(TempoLevel, WeighsWhatIsHeard) {
  const LevelEvidence heard{.on = 2, .between = -1, .tempo = 2 * kLevelTempo};
  EXPECT_NEAR(log_odds_of_faster(heard, {0.5, 2, -3, 0.25}), 0.5 - 2 - 6 + 0.25, 1e-12);
  EXPECT_NEAR(log_odds_of_faster({.strokes = 3, .bars = -1}, {0, 0, 0, 0, 0, 0, 2, 0.5}), 6 - 0.5, 1e-12);
}

// The kick drum on every second place of the faster level, something struck on every place and, where `dense`, between.
BeatEvidence struck(std::size_t kick_every, bool dense) {
  BeatEvidence evidence = ticks(2, 2);
  evidence.kick.assign(evidence.frames(), 0.0f);
  evidence.strike.assign(evidence.frames(), 0.0f);
  for (std::size_t place = 0; 10 + place * kInterval / 2 < evidence.frames(); ++place) {
    const std::size_t frame = 10 + place * kInterval / 2;
    if (place % kick_every == 0) evidence.kick[frame] = 8;
    evidence.strike[frame] = 6;
    if (dense && frame + kInterval / 4 < evidence.frames()) evidence.strike[frame + kInterval / 4] = 3;
  }
  return evidence;
}

TEST(TempoLevel, HearsWhatIsStruck) {
  std::vector<std::size_t> frames;
  for (std::size_t i = 0; i < kBeats; ++i) frames.push_back(i * kInterval + 10);
  EXPECT_NEAR(level_evidence(struck(2, true), frames).alternation, 1, 0.05);
  EXPECT_NEAR(level_evidence(struck(1, true), frames).alternation, 0, 0.05);
  EXPECT_LT(level_evidence(struck(4, true), frames).alternation, 0.7);
  EXPECT_NEAR(level_evidence(struck(2, true), frames).halves, 0.5, 0.02);
  EXPECT_NEAR(level_evidence(struck(2, false), frames).halves, 0, 0.02);
  const LevelEvidence unknown = level_evidence(ticks(2, 2), frames);
  EXPECT_EQ(unknown.halves, 0);
  EXPECT_EQ(unknown.alternation, 0);
  EXPECT_EQ(unknown.bars, 0);
}

TEST(TempoLevel, CountsStrokesToABeat) {
  std::vector<std::size_t> frames;
  for (std::size_t i = 0; i < kBeats; ++i) frames.push_back(i * kInterval + 10);
  BeatEvidence evidence = struck(2, true);
  evidence.strokes_per_second = 4;
  EXPECT_NEAR(level_evidence(evidence, frames).strokes, 2, 0.05);  // 60 a minute: four to a beat, two octaves
  evidence.strokes_per_second = 1;
  EXPECT_NEAR(level_evidence(evidence, frames).strokes, 0, 0.15);
  evidence.strokes_per_second = 0;
  EXPECT_TRUE(std::isfinite(level_evidence(evidence, frames).strokes));
  EXPECT_EQ(level_evidence(ticks(2, 2), frames).strokes, 0);
}

// First beats of bars every `period`th place of the faster level.
BeatEvidence barred(std::size_t period) {
  BeatEvidence evidence = struck(2, true);
  for (std::size_t place = 0; 10 + place * kInterval / 2 < evidence.frames(); place += period)
    evidence.downbeat[10 + place * kInterval / 2] = 4;
  return evidence;
}

TEST(TempoLevel, HearsOnWhichLevelBarsAreOfThreeOrFourBeats) {
  std::vector<std::size_t> frames;
  for (std::size_t i = 0; i < kBeats; ++i) frames.push_back(i * kInterval + 10);
  for (const std::size_t period : {3U, 4U}) {
    EXPECT_NEAR(level_evidence(barred(period), frames).bars, 0, 0.05) << period;  // stands out in twice the bar alike
    EXPECT_LT(level_evidence(barred(2 * period), frames).bars, -1.5) << period;
  }
}

TEST(TempoLevel, TheClearerHalfIsTheSlowerLevel) {
  std::vector<std::size_t> frames;
  for (std::size_t i = 0; i < 2 * kBeats - 1; ++i) frames.push_back(i * kInterval / 2 + 10);
  for (const bool swapped : {false, true}) {
    const LevelEvidence heard = half_level_evidence(swapped ? ticks(-1, 2) : ticks(2, -1), frames);
    EXPECT_NEAR(heard.on, 2, 1e-6);
    EXPECT_NEAR(heard.between, -1, 1e-6);
    EXPECT_NEAR(heard.tempo, 60, 1e-9);
  }
}

TEST(TempoLevel, HalvesWhatTheDecoderDoubled) {
  const BeatEvidence evidence = ticks(4, 1);  // every beat speaks for itself: the decoder takes both
  EXPECT_NEAR(median_tempo(decode_beats(evidence), kFrameRate), 120, 1);
  EXPECT_NEAR(tempo_found(evidence, {}, kDifference), 60, 1);
}

TEST(TempoLevel, DoublesWhereTheModelSaysSo) {
  const BeatEvidence evidence = ticks(4, -3);
  EXPECT_NEAR(median_tempo(decode_beats(evidence), kFrameRate), 60, 1);
  EXPECT_NEAR(tempo_found(evidence, {}, kDifference), 60, 1);
  EXPECT_NEAR(tempo_found(evidence, {}, {9, 0, 0, 0}), 120, 1);
}

TEST(TempoLevel, StaysWithinTheOptions) {
  EXPECT_NEAR(tempo_found(ticks(4, -3), {.max_tempo = 110}, {9, 0, 0, 0}), 60, 1);
  EXPECT_NEAR(tempo_found(ticks(4, 1), {.min_tempo = 70}, kDifference), 120, 1);
}

std::vector<std::size_t> every_beat() {
  std::vector<std::size_t> frames;
  for (std::size_t i = 0; i < kBeats; ++i) frames.push_back(i * kInterval + 10);
  return frames;
}

double chance_of(const std::vector<TempoChance>& tempi, double times) {
  for (const TempoChance& one : tempi) {
    if (std::abs(one.times - times) < 1e-9) return one.chance;
  }
  return 0;
}

TEST(TempoLevel, LevelsThatAreHeardAlikeAreAsLikely) {
  const auto tempi = weigh_tempi(ticks(2, 2), every_beat(), {}, kDifference);
  EXPECT_NEAR(chance_of(tempi, 1), chance_of(tempi, 2), 1e-6);
  EXPECT_GT(chance_of(tempi, 2), 0.3);
  double sum = 0;
  for (const TempoChance& one : tempi) sum += one.chance;
  EXPECT_NEAR(sum, 1, 1e-9);
}

TEST(TempoLevel, NoTempoStaysAboveTheOneThatWasTaken) {
  std::vector<TempoChance> tempi{{1.0, 0.2}, {0.5, 0.7}, {2.0, 0.1}};
  none_above_found(tempi);
  EXPECT_NEAR(chance_of(tempi, 1), 0.4, 1e-12);
  EXPECT_NEAR(chance_of(tempi, 0.5), 0.4, 1e-12);
  EXPECT_NEAR(chance_of(tempi, 2), 0.2, 1e-12);
  std::vector<TempoChance> sure{{1.0, 0.9}, {2.0, 0.1}};
  none_above_found(sure);
  EXPECT_NEAR(chance_of(sure, 1), 0.9, 1e-12);
  std::vector<TempoChance> none;
  none_above_found(none);
  EXPECT_TRUE(none.empty());
}

TEST(TempoLevel, AClearLevelIsSure) {
  const auto tempi = weigh_tempi(ticks(4, -4), every_beat(), {}, {0, 1, -1, 0});
  EXPECT_GT(chance_of(tempi, 1), 0.7);
  EXPECT_LT(chance_of(tempi, 2), 0.01);
}

TEST(TempoLevel, TempiThatNobodyTapsAreNotOffered) {
  EXPECT_EQ(chance_of(weigh_tempi(ticks(2, 2), every_beat(), {}, kDifference), 0.5), 0);  // 30 a minute
  EXPECT_TRUE(weigh_tempi(ticks(2, 2), {}, {}, kDifference).empty());
}

TEST(TempoLevel, LeavesAMomentAlone) {
  BeatEvidence evidence = ticks(4, 1);
  evidence.resize(3 * kInterval);
  EXPECT_EQ(decode_tapped_beats(evidence, {}, kDifference).beats.size(), decode_beats(evidence).beats.size());
  EXPECT_TRUE(decode_tapped_beats({}, {}, kDifference).beats.empty());
}

}  // namespace
}  // namespace pop2piano
