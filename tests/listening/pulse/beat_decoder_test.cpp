// SPDX-License-Identifier: MIT
#include "listening/pulse/beat_decoder.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

BeatEvidence random_evidence(std::size_t frames, std::uint64_t seed) {
  BeatEvidence evidence;
  evidence.frame_rate = 10;
  evidence.resize(frames);
  Random random(seed);
  for (auto* column : {&evidence.beat, &evidence.half, &evidence.quarter, &evidence.third, &evidence.two_thirds,
                       &evidence.downbeat, &evidence.middle, &evidence.backbeat, &evidence.waltz}) {
    for (float& value : *column) value = static_cast<float>(random.normal());
  }
  return evidence;
}

// Every sequence of beats that the model allows, tried one by one.
double best_by_trying(const BeatEvidence& evidence, const BeatDecoderOptions& options, std::size_t shortest,
                      std::size_t longest) {
  double best = -1e300;
  std::vector<DecodedBeat> path;
  const std::function<void()> grow = [&] {
    if (path.back().frame >= evidence.frames()) {
      best = std::max(best, score_of_path(evidence, options, path));
      return;
    }
    const DecodedBeat last = path.back();
    for (std::size_t d = shortest; d <= longest; ++d) {
      if (last.number < last.metre) {
        path.push_back({.frame = last.frame + d, .number = last.number + 1, .metre = last.metre});
        grow();
        path.pop_back();
        continue;
      }
      for (const int metre : options.metres) {
        path.push_back({.frame = last.frame + d, .number = 1, .metre = metre});
        grow();
        path.pop_back();
      }
    }
  };
  for (std::size_t first = 0; first <= longest; ++first) {
    for (const int metre : options.metres) {
      for (int number = 1; number <= metre; ++number) {
        path = {{.frame = first, .number = number, .metre = metre}};
        grow();
      }
    }
  }
  return best;
}

TEST(BeatDecoder, FindsThePathThatTryingAllFinds) {
  const BeatDecoderOptions options{
      .min_tempo = 120, .max_tempo = 200, .tempo_step = 0.3, .tempo_stiffness = 2, .metre_change = 1, .metres = {2, 3}};
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const BeatEvidence evidence = random_evidence(15, seed);
    const DecodedBeats decoded = decode_beats(evidence, options);
    EXPECT_NEAR(decoded.score, best_by_trying(evidence, options, 2, 7), 1e-4) << "seed " << seed;
  }
}

TEST(BeatDecoder, ManyMetresAndTheirCostsAreExactToo) {
  const BeatDecoderOptions options{.min_tempo = 120,
                                   .max_tempo = 200,
                                   .tempo_step = 0.3,
                                   .tempo_stiffness = 2,
                                   .metre_change = 1,
                                   .metres = {2, 3, 4},
                                   .metre_costs = {0.7, 0.2}};
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const BeatEvidence evidence = random_evidence(15, seed);
    EXPECT_NEAR(decode_beats(evidence, options).score, best_by_trying(evidence, options, 2, 7), 1e-4) << seed;
  }
}

TEST(BeatDecoder, SegmentsDoNotChangeThePath) {
  BeatEvidence evidence = random_evidence(1500, 7);
  evidence.frame_rate = 100;
  const DecodedBeats whole = decode_beats(evidence);
  for (const std::size_t segment : {150, 700, 1499}) {
    const DecodedBeats parts = decode_beats(evidence, {.segment_frames = segment});
    EXPECT_EQ(parts.score, whole.score);
    ASSERT_EQ(parts.beats.size(), whole.beats.size());
    for (std::size_t i = 0; i < whole.beats.size(); ++i) {
      EXPECT_EQ(parts.beats[i].frame, whole.beats[i].frame);
      EXPECT_EQ(parts.beats[i].number, whole.beats[i].number);
    }
  }
}

TEST(BeatDecoder, FollowsANetwork) {
  BeatProbabilities network{
      .frame_rate = 50, .beat = std::vector<float>(2000, 0.02f), .downbeat = std::vector<float>(2000, 0.01f)};
  for (std::size_t i = 0; 11 + 27 * i < 2000; ++i) {
    network.beat[11 + 27 * i] = 0.8f;
    network.downbeat[11 + 27 * i] = i % 3 == 1 ? 0.7f : 0.05f;
  }
  const DecodedBeats decoded = decode_beats(evidence_of(network));
  ASSERT_EQ(decoded.beats.size(), 74U);
  for (std::size_t i = 0; i < decoded.beats.size(); ++i) {
    EXPECT_EQ(decoded.beats[i].frame, 11 + 27 * i);
    EXPECT_EQ(decoded.beats[i].number, static_cast<int>((i + 2) % 3) + 1);
    EXPECT_EQ(decoded.beats[i].metre, 3);
  }
}

TEST(BeatDecoder, RejectsWhatItCannotUse) {
  const BeatEvidence evidence = random_evidence(100, 1);
  EXPECT_TRUE(decode_beats({}).beats.empty());
  EXPECT_THROW(decode_beats(evidence, {.min_tempo = 100, .max_tempo = 90}), Error);
  EXPECT_THROW(decode_beats(evidence, {.metres = {}}), Error);
  EXPECT_THROW(decode_beats(evidence, {.metres = {8, 7, 3}}), Error);
  EXPECT_THROW(evidence_of(BeatProbabilities{.frame_rate = 50, .beat = {0.1f}, .downbeat = {}}), Error);
}

TEST(BeatDecoder, StopsWhenToldTo) {
  CancelToken cancel;
  cancel.cancel();
  EXPECT_THROW(decode_beats(random_evidence(3000, 1), {}, {.cancel = &cancel}), Error);
}

}  // namespace
}  // namespace pop2piano
