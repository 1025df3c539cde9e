// SPDX-License-Identifier: MIT
// Closed cases worked by hand, and random beat lists against a plain transcription of the published definitions.
#include "judging/metrics/beat_metrics.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "judging/metrics/brute_force.h"

namespace pop2piano {
namespace {

using Times = std::vector<double>;

Times regular(double first, double interval, std::size_t count) {
  Times beats(count);
  for (std::size_t i = 0; i < count; ++i) beats[i] = first + interval * static_cast<double>(i);
  return beats;
}

TEST(BeatMetrics, PerfectBeatsScoreOne) {
  const Times beats = regular(0.25, 0.5, 100);
  const BeatScores scores = compare_beats(beats, beats);
  for (const Measure& measure : {scores.precision, scores.recall, scores.f_measure, scores.cemgil, scores.cemgil_best,
                                 scores.cmlc, scores.cmlt, scores.amlc, scores.amlt, scores.information_gain}) {
    EXPECT_NEAR(measure.value(), 1.0, 1e-12);
  }
}

TEST(BeatMetrics, FirstFiveSecondsDoNotCount) {
  const Times reference = regular(0.0, 0.5, 40);
  Times estimate = reference;
  for (std::size_t i = 0; i < 9; ++i) estimate[i] += 0.2;  // the last before 5 s stays there
  EXPECT_DOUBLE_EQ(compare_beats(reference, estimate).f_measure.value(), 1.0);
  EXPECT_LT(compare_beats(reference, estimate, {.skip = 0.0}).f_measure.value(), 1.0);
}

TEST(BeatMetrics, HalfTempoIsRightAtAnyLevelOnly) {
  const Times reference = regular(6.0, 0.5, 40);
  const BeatScores scores = compare_beats(reference, regular(6.0, 1.0, 20));
  EXPECT_DOUBLE_EQ(scores.precision.value(), 1.0);
  EXPECT_DOUBLE_EQ(scores.recall.value(), 0.5);
  EXPECT_NEAR(scores.f_measure.value(), 2.0 / 3.0, 1e-12);
  EXPECT_DOUBLE_EQ(scores.cmlt.value(), 0.0);
  EXPECT_DOUBLE_EQ(scores.amlc.value(), 1.0);
  EXPECT_DOUBLE_EQ(scores.amlt.value(), 1.0);
  // 20 exact beats, 20 whose nearest is 0.5 s away: exp(-78.125) is nothing, (20 + 0) / 30.
  EXPECT_NEAR(scores.cemgil.value(), 2.0 / 3.0, 1e-12);
  EXPECT_NEAR(scores.cemgil_best.value(), 1.0, 1e-12);
}

TEST(BeatMetrics, OffBeatsAreWrongByFAndRightByAml) {
  const BeatScores scores = compare_beats(regular(6.0, 0.5, 41), regular(6.25, 0.5, 40));
  EXPECT_DOUBLE_EQ(scores.f_measure.value(), 0.0);
  EXPECT_DOUBLE_EQ(scores.cmlt.value(), 0.0);
  EXPECT_DOUBLE_EQ(scores.amlt.value(), 1.0);
  // Every error is half a beat, but for the one reference beat before the first estimate, which mir_eval measures
  // against the whole span: 40 and 1 of 41.
  const double entropy = -(40.0 * std::log2(40.0 / 41.0) + std::log2(1.0 / 41.0)) / 41.0;
  EXPECT_NEAR(scores.information_gain.value(), 1.0 - entropy / std::log2(41.0), 1e-12);
}

TEST(BeatMetrics, AConstantLateBeatCostsByItsGaussian) {
  const BeatScores scores = compare_beats(regular(6.0, 0.5, 20), regular(6.04, 0.5, 20));
  EXPECT_NEAR(scores.cemgil.value(), std::exp(-0.5), 1e-9);
  EXPECT_DOUBLE_EQ(scores.f_measure.value(), 1.0);
  EXPECT_DOUBLE_EQ(scores.cmlc.value(), 1.0);  // phase 0.08 of a beat
}

TEST(BeatMetrics, OneMissingBeatBreaksContinuity) {
  const Times reference = regular(6.0, 0.5, 21);
  Times estimate = reference;
  estimate.erase(estimate.begin() + 10);
  const BeatScores scores = compare_beats(reference, estimate);
  // Beats 1-10 in a row; beat 12 has the wrong period; 13-21 in a row.
  EXPECT_NEAR(scores.cmlc.value(), 10.0 / 21.0, 1e-12);
  EXPECT_NEAR(scores.cmlt.value(), 19.0 / 21.0, 1e-12);
}

TEST(BeatMetrics, EmptyListsAreUndefinedWithTheReason) {
  const Times beats = regular(6.0, 0.5, 10);
  const BeatScores no_reference = compare_beats(Times{}, beats);
  EXPECT_FALSE(no_reference.f_measure.defined());
  EXPECT_NE(no_reference.f_measure.reason().find("reference"), std::string_view::npos);
  const BeatScores no_estimate = compare_beats(beats, regular(0.0, 0.5, 5));  // all before 5 s
  EXPECT_FALSE(no_estimate.amlt.defined());
  EXPECT_NE(no_estimate.cemgil.reason().find("estimate"), std::string_view::npos);
  EXPECT_FALSE(beat_f_measure(beats, {}).defined());
}

TEST(BeatMetrics, ASingleBeatHasNoContinuity) {
  const BeatScores scores = compare_beats(regular(6.0, 0.5, 10), Times{6.5});
  EXPECT_NEAR(scores.f_measure.value(), 2.0 * 1.0 * 0.1 / 1.1, 1e-12);
  EXPECT_TRUE(scores.cemgil.defined());
  EXPECT_FALSE(scores.cmlc.defined());
  EXPECT_FALSE(scores.information_gain.defined());
}

TEST(BeatMetrics, BeatsAtOneTimeHaveNoInformation) {
  const BeatScores scores = compare_beats(Times(5, 7.0), regular(6.0, 0.5, 10));
  EXPECT_FALSE(scores.information_gain.defined());
  EXPECT_DOUBLE_EQ(scores.cmlt.value(), 0.0);
  EXPECT_NEAR(scores.precision.value(), 0.1, 1e-12);
  EXPECT_NEAR(scores.recall.value(), 0.2, 1e-12);
}

TEST(BeatMetrics, RefusesTimesThatGoBack) {
  EXPECT_THROW(compare_beats(Times{6.0, 5.9}, Times{6.0}), Error);
  EXPECT_THROW(compare_beats(Times{6.0}, Times{std::numeric_limits<double>::quiet_NaN()}), Error);
}

// --- the plain version ---

std::size_t slow_nearest(const Times& beats, double time) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < beats.size(); ++i) {
    if (std::abs(time - beats[i]) < std::abs(time - beats[best])) best = i;
  }
  return best;
}

std::vector<Times> slow_levels(const Times& beats) {
  Times doubled;
  for (double position = 0.0; position < static_cast<double>(beats.size()) - 0.5; position += 0.5) {
    const auto below = static_cast<std::size_t>(position);
    const double part = position - static_cast<double>(below);
    doubled.push_back(part == 0.0 ? beats[below] : beats[below] + part * (beats[below + 1] - beats[below]));
  }
  Times off_beat, odd, even;
  for (std::size_t i = 1; i < doubled.size(); i += 2) off_beat.push_back(doubled[i]);
  for (std::size_t i = 0; i < beats.size(); i += 2) odd.push_back(beats[i]);
  for (std::size_t i = 1; i < beats.size(); i += 2) even.push_back(beats[i]);
  return {beats, off_beat, doubled, odd, even};
}

double slow_cemgil(const Times& reference, const Times& estimate) {
  double sum = 0.0;
  for (const double beat : reference) {
    double distance = std::numeric_limits<double>::infinity();
    for (const double other : estimate) distance = std::min(distance, std::abs(beat - other));
    sum += std::exp(-(distance * distance) / (2.0 * 0.04 * 0.04));
  }
  return sum / (0.5 * static_cast<double>(estimate.size() + reference.size()));
}

// Davies et al., section 3.2: {continuous, total}.
std::pair<double, double> slow_continuity(const Times& reference, const Times& estimate) {
  const std::size_t size = std::max(reference.size(), estimate.size());
  std::vector<int> success(size, 0), used(reference.size(), 0);
  for (std::size_t m = 0; m < estimate.size() && !reference.empty(); ++m) {
    const std::size_t n = slow_nearest(reference, estimate[m]);
    if (used[n] != 0) continue;
    double reference_interval, estimated_interval;
    if (m == 0 || n == 0) {
      if (reference.size() == 1) continue;
      reference_interval = n + 1 < reference.size() ? reference[n + 1] - reference[n] : reference[n] - reference[n - 1];
      estimated_interval = m + 1 < estimate.size() ? estimate[m + 1] - estimate[m] : estimate[m] - estimate[m - 1];
    } else {
      reference_interval = reference[n] - reference[n - 1];
      estimated_interval = estimate[m] - estimate[m - 1];
    }
    const double phase = std::abs(reference[n] - estimate[m]) / reference_interval;
    const double period = std::abs(1.0 - estimated_interval / reference_interval);
    if (phase < 0.175 && period < 0.175) success[m] = used[n] = 1;
  }
  int longest = 0, total = 0;
  for (std::size_t first = 0; first < size; ++first) {
    int run = 0;
    for (std::size_t i = first; i < size && success[i] != 0; ++i) ++run;
    longest = std::max(longest, run);
    total += success[first];
  }
  return {longest / static_cast<double>(size), total / static_cast<double>(size)};
}

double slow_entropy(const Times& reference, const Times& estimate) {
  std::vector<double> counts(41, 0.0);
  for (const double beat : estimate) {
    const std::size_t n = slow_nearest(reference, beat);
    const std::size_t last = reference.size() - 1;
    const double error = beat - reference[n];
    double interval;
    if (n == last) {
      interval = reference[last] - reference[last - 1];
    } else if (error < 0) {
      interval = n > 0 ? reference[n] - reference[n - 1] : reference[0] - reference[last];  // mir_eval's index -1
    } else {
      interval = reference[n + 1] - reference[n];
    }
    double phase = error / interval;
    while (phase > 0.5) phase -= 1.0;
    while (phase <= -0.5) phase += 1.0;
    counts[static_cast<std::size_t>(std::min(40.0, std::floor((phase + 0.5) * 41.0)))] += 1.0;
  }
  double entropy = 0.0;
  for (const double count : counts) {
    const double p = count / static_cast<double>(estimate.size());
    if (p > 0.0) entropy += -p * std::log2(p);
  }
  return entropy;
}

// Beats with jitter, gaps, insertions and changes of level; the numbers are irrational, so no tie is probable.
Times random_estimate(const Times& reference, Random& random) {
  Times estimate;
  const double jitter = random.uniform(0.0, 0.12), missing = random.uniform(0.0, 0.3), extra = random.uniform(0.0, 0.3);
  const std::size_t step = 1 + random.index(3);
  const double shift = random.chance(0.3) ? 0.25 : 0.0;
  for (std::size_t i = 0; i < reference.size(); i += step) {
    if (!random.chance(missing)) estimate.push_back(reference[i] + shift + jitter * random.normal());
    if (random.chance(extra)) estimate.push_back(reference[i] + random.uniform(0.0, 0.5));
  }
  std::sort(estimate.begin(), estimate.end());
  return estimate;
}

TEST(BeatMetrics, EqualThePlainVersionOnRandomBeats) {
  Random random(3);
  int compared = 0;
  for (int round = 0; round < 300; ++round) {
    Times reference(2 + random.index(40));
    double time = 5.0 + random.uniform();
    for (double& beat : reference) beat = time += random.uniform(0.3, 0.7);
    const Times estimate = random_estimate(reference, random);
    if (estimate.size() < 2) continue;
    const BeatScores scores = compare_beats(reference, estimate, {.skip = 0.0});
    double cemgil_best = 0.0, amlc = 0.0, amlt = 0.0;
    for (const Times& level : slow_levels(reference)) {
      cemgil_best = std::max(cemgil_best, slow_cemgil(level, estimate));
      const auto [continuous, total] = slow_continuity(level, estimate);
      amlc = std::max(amlc, continuous);
      amlt = std::max(amlt, total);
    }
    const auto [cmlc, cmlt] = slow_continuity(reference, estimate);
    const double entropy = std::max(slow_entropy(reference, estimate), slow_entropy(estimate, reference));
    ASSERT_NEAR(scores.cemgil.value(), slow_cemgil(reference, estimate), 1e-9) << "round " << round;
    ASSERT_NEAR(scores.cemgil_best.value(), cemgil_best, 1e-9) << "round " << round;
    ASSERT_NEAR(scores.cmlc.value(), cmlc, 1e-9) << "round " << round;
    ASSERT_NEAR(scores.cmlt.value(), cmlt, 1e-9) << "round " << round;
    ASSERT_NEAR(scores.amlc.value(), amlc, 1e-9) << "round " << round;
    ASSERT_NEAR(scores.amlt.value(), amlt, 1e-9) << "round " << round;
    ASSERT_NEAR(scores.information_gain.value(), 1.0 - entropy / std::log2(41.0), 1e-9) << "round " << round;
    ++compared;
  }
  EXPECT_GT(compared, 250);
}

TEST(BeatMetrics, FMeasureEqualsBruteForceMatching) {
  Random random(5);
  for (int round = 0; round < 200; ++round) {
    Times reference(1 + random.index(9));
    double time = 5.0;
    for (double& beat : reference) beat = time += random.uniform(0.01, 0.2);  // closer than the window, to be hard
    const Times estimate = random_estimate(reference, random);
    if (estimate.empty() || estimate.size() > 10) continue;
    const auto matched = static_cast<double>(testing::brute_force_matching(
        reference.size(), estimate.size(),
        [&](std::size_t r, std::size_t e) { return std::abs(reference[r] - estimate[e]) <= 0.07; }));
    const BeatScores scores = compare_beats(reference, estimate, {.skip = 0.0});
    ASSERT_NEAR(scores.precision.value(), matched / static_cast<double>(estimate.size()), 1e-12);
    ASSERT_NEAR(scores.recall.value(), matched / static_cast<double>(reference.size()), 1e-12);
  }
}

}  // namespace
}  // namespace pop2piano
