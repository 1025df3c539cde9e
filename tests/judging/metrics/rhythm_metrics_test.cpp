// SPDX-License-Identifier: MIT
#include "judging/metrics/rhythm_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

using Notes = std::vector<PlayedNote>;

// One note after another with the given distances.
Notes with_intervals(const std::vector<double>& intervals) {
  Notes notes = {{0.0, 0.1, 60}};
  for (const double interval : intervals) {
    const double onset = notes.back().onset + interval;
    notes.push_back({onset, onset + 0.1, 60});
  }
  return notes;
}

TEST(GridCoherence, MultiplesOfOnePulseAreZero) {
  EXPECT_NEAR(rhythmic_grid_coherence(with_intervals({0.25, 0.25, 0.5, 0.75, 0.25, 1.0, 0.5, 0.25})).value(), 0.0,
              1e-9);
}

TEST(GridCoherence, TwoIntervalsByHand) {
  // 0.2 (five times) and 0.25 (three times). Pulse 0.2: (0 + |1.25 - 1|) / 2; pulse 0.25: (|0.8 - 1| + 0) / 2 = 0.1.
  EXPECT_NEAR(rhythmic_grid_coherence(with_intervals({0.2, 0.25, 0.2, 0.25, 0.2, 0.25, 0.2, 0.2})).value(), 0.1, 1e-9);
}

TEST(GridCoherence, LooksAtTheEightMostFrequentOnly) {
  std::vector<double> intervals;
  for (int round = 0; round < 2; ++round) {
    for (int i = 1; i <= 8; ++i) intervals.push_back(0.1 * i);
  }
  const double without = rhythmic_grid_coherence(with_intervals(intervals)).value();
  intervals.push_back(0.137);  // once only
  EXPECT_NEAR(rhythmic_grid_coherence(with_intervals(intervals)).value(), without, 1e-12);
}

TEST(GridCoherence, UndefinedWithTheReason) {
  EXPECT_FALSE(rhythmic_grid_coherence({}).defined());
  EXPECT_FALSE(rhythmic_grid_coherence(with_intervals({0.1, 0.2, 0.1})).defined());
  EXPECT_FALSE(rhythmic_grid_coherence(with_intervals(std::vector<double>(20, 0.25))).defined());
  EXPECT_FALSE(rhythmic_grid_coherence(with_intervals({.001, .002, .003, .001, .001, .002, .001, .003})).defined());
}

// Python's round and Counter.most_common, step by step.
double plain_grid_coherence(const Notes& notes) {
  const std::vector<double> onsets = distinct_onsets(notes);
  std::vector<std::pair<double, int>> counted;
  for (std::size_t i = 1; i < onsets.size(); ++i) {
    const double rounded = std::nearbyint((onsets[i] - onsets[i - 1]) * 10000.0) / 10000.0;
    const auto at =
        std::find_if(counted.begin(), counted.end(), [&](const auto& entry) { return entry.first == rounded; });
    if (at == counted.end()) {
      counted.emplace_back(rounded, 1);
    } else {
      ++at->second;
    }
  }
  std::vector<double> top;
  while (top.size() < 8 && !counted.empty()) {
    auto best = counted.begin();
    for (auto at = counted.begin(); at != counted.end(); ++at) {
      if (at->second > best->second) best = at;
    }
    top.push_back(best->first);
    counted.erase(best);
  }
  double least = std::numeric_limits<double>::infinity();
  for (const double pulse : top) {
    if (pulse < 0.01) continue;
    double sum = 0.0;
    for (const double interval : top) sum += std::abs(interval / pulse - std::nearbyint(interval / pulse));
    least = std::min(least, sum / static_cast<double>(top.size()));
  }
  return least;
}

std::vector<double> random_intervals(Random& random, std::size_t count) {
  std::vector<double> intervals(count);
  for (double& interval : intervals) {
    interval = random.chance(0.7) ? 0.125 * static_cast<double>(1 + random.index(6)) : random.uniform(0.005, 0.8);
  }
  return intervals;
}

TEST(GridCoherence, EqualsThePlainVersionOnRandomRhythms) {
  Random random(31);
  for (int round = 0; round < 200; ++round) {
    const Notes notes = with_intervals(random_intervals(random, 10 + random.index(100)));
    ASSERT_NEAR(rhythmic_grid_coherence(notes).value(), plain_grid_coherence(notes), 1e-9) << "round " << round;
  }
}

double squared_error(const std::vector<double>& values, const std::vector<std::size_t>& labels) {
  std::map<std::size_t, std::pair<double, double>> sums;
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[labels[i]].first += values[i];
    sums[labels[i]].second += 1.0;
  }
  double error = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& [sum, count] = sums[labels[i]];
    error += (values[i] - sum / count) * (values[i] - sum / count);
  }
  return error;
}

// Every way to cut the sorted distinct values into at most `clusters` runs.
double least_error(std::vector<double> values, std::size_t clusters) {
  std::sort(values.begin(), values.end());
  std::vector<double> distinct = values;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t cuts = 0; cuts < (std::size_t{1} << (distinct.size() - 1)); ++cuts) {
    std::map<double, std::size_t> label_of;
    std::size_t label = 0;
    for (std::size_t i = 0; i < distinct.size(); ++i) {
      if (i > 0 && (cuts >> (i - 1) & 1U) != 0) ++label;
      label_of[distinct[i]] = label;
    }
    if (label + 1 > clusters) continue;
    std::vector<std::size_t> labels;
    for (const double value : values) labels.push_back(label_of[value]);
    least = std::min(least, squared_error(values, labels));
  }
  return least;
}

TEST(ClusterValues, IsTheBestOfAllPartitions) {
  Random random(37);
  for (int round = 0; round < 100; ++round) {
    std::vector<double> values(1 + random.index(14));
    for (double& value : values) value = std::round(random.uniform(-3.0, 3.0) * 4.0) / 4.0 + 100.0;
    const std::size_t clusters = 1 + random.index(5);
    const std::vector<std::size_t> labels = cluster_values(values, clusters);
    ASSERT_NEAR(squared_error(values, labels), least_error(values, clusters), 1e-9) << "round " << round;
    ASSERT_LT(*std::max_element(labels.begin(), labels.end()), clusters);
  }
}

TEST(PatternEntropy, CountsPatternsByHand) {
  // Long and short in turn: only two patterns of eight, as often as each other.
  std::vector<double> intervals;
  for (int i = 0; i < 17; ++i) intervals.push_back(i % 2 == 0 ? 0.5 : 0.25);
  EXPECT_NEAR(interval_pattern_entropy(with_intervals(intervals)).value(), 1.0, 1e-12);
}

TEST(PatternEntropy, AllPatternsDifferentGiveTheLogarithm) {
  std::vector<double> intervals = {0.5,  0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25,
                                   0.25, 0.25, 0.25, 0.25, 0.25, 0.5,  0.5};
  // 8 patterns: the 0.5 at the start, then none, then one, two at the end; five are alike (all short).
  const double expected = -(3.0 / 8 * std::log2(1.0 / 8) + 5.0 / 8 * std::log2(5.0 / 8));
  EXPECT_NEAR(interval_pattern_entropy(with_intervals(intervals)).value(), expected, 1e-12);
}

TEST(PatternEntropy, ClipsVeryShortAndVeryLongIntervals) {
  std::vector<double> intervals;
  for (int i = 0; i < 20; ++i) intervals.push_back(i % 3 == 0 ? 0.01 : 0.0625);
  EXPECT_FALSE(interval_pattern_entropy(with_intervals(intervals)).defined());  // all the same after clipping
  EXPECT_FALSE(interval_pattern_entropy(with_intervals({0.1, 0.2})).defined());
  EXPECT_FALSE(interval_pattern_entropy({}).defined());
}

TEST(Density, ByHand) {
  // Two chords of three, one single note; all in 3 s.
  const Notes notes = {{0, 1, 48}, {0.01, 1, 60}, {0.02, 1, 64}, {1, 2, 50}, {1, 2, 62}, {1, 2, 65}, {2.5, 3, 60}};
  const DensityScores scores = measure_density(notes);
  EXPECT_NEAR(scores.notes_per_second.value(), 7.0 / 3.0, 1e-12);
  EXPECT_NEAR(scores.notes_per_onset.value(), 7.0 / 3.0, 1e-12);
  EXPECT_EQ(scores.lowest_pitch.value(), 48.0);
  EXPECT_EQ(scores.highest_pitch.value(), 65.0);
  EXPECT_EQ(scores.median_pitch.value(), 60.0);
  EXPECT_NEAR(scores.rhythm_complexity.value(), 200.0 * 0.5 / 2.5, 1e-12);
}

TEST(Density, UndefinedWithoutNotes) {
  EXPECT_FALSE(measure_density({}).notes_per_second.defined());
  EXPECT_FALSE(measure_density(Notes{{1, 1, 60}}).notes_per_second.defined());
  EXPECT_FALSE(measure_density(Notes{{1, 2, 60}, {1.5, 2, 60}}).rhythm_complexity.defined());
}

TEST(WarpPathDeviation, IsTheResidualOfTheLine) {
  WarpPath straight, waved;
  for (std::size_t i = 0; i < 5000; ++i) {
    straight.emplace_back(i, i + i / 4);
    const double shift = 25.0 * std::sin(2.0 * 3.14159265358979 * static_cast<double>(i) / 500.0);  // half a second
    waved.emplace_back(i, static_cast<std::size_t>(100.0 + static_cast<double>(i) + shift));
  }
  EXPECT_NEAR(warp_path_deviation(straight, 50.0).value(), 0.0, 0.02);
  EXPECT_NEAR(warp_path_deviation(waved, 50.0).value(), 0.5 / std::sqrt(2.0), 0.02);
  EXPECT_FALSE(warp_path_deviation({{0, 0}, {1, 1}}, 50.0).defined());
}

}  // namespace
}  // namespace pop2piano
