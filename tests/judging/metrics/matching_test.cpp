// SPDX-License-Identifier: MIT
#include "judging/metrics/matching.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "judging/metrics/brute_force.h"

namespace pop2piano {
namespace {

using testing::brute_force_matching;

TEST(CountMatchedEvents, TakesTheWindowAsInclusive) {
  const std::vector<double> reference = {1.0, 2.0};
  EXPECT_EQ(count_matched_events(reference, std::vector<double>{1.5, 2.5}, 0.5), 2u);
  EXPECT_EQ(count_matched_events(reference, std::vector<double>{1.5, 2.5}, 0.49), 0u);
  EXPECT_EQ(count_matched_events(reference, {}, 0.5), 0u);
  EXPECT_EQ(count_matched_events({}, reference, 0.5), 0u);
}

TEST(CountMatchedEvents, UsesEachEventOnce) {
  EXPECT_EQ(count_matched_events(std::vector<double>{1.0}, std::vector<double>{0.99, 1.0, 1.01}, 0.1), 1u);
  EXPECT_EQ(count_matched_events(std::vector<double>{0.99, 1.0, 1.01}, std::vector<double>{1.0}, 0.1), 1u);
}

TEST(CountMatchedEvents, EqualsBruteForceOnRandomEvents) {
  Random random(7);
  for (int round = 0; round < 400; ++round) {
    std::vector<double> reference(random.index(9)), estimate(random.index(9));
    for (double& time : reference) time = random.uniform();
    for (double& time : estimate) time = random.uniform();
    std::sort(reference.begin(), reference.end());
    std::sort(estimate.begin(), estimate.end());
    const double window = random.uniform(0.0, 0.2);
    const auto expected = brute_force_matching(reference.size(), estimate.size(), [&](std::size_t r, std::size_t e) {
      return std::abs(reference[r] - estimate[e]) <= window;
    });
    ASSERT_EQ(count_matched_events(reference, estimate, window), expected) << "round " << round;
  }
}

TEST(MaximumMatching, EqualsBruteForceOnRandomGraphs) {
  Random random(11);
  for (int round = 0; round < 400; ++round) {
    const std::size_t left = random.index(10), right = random.index(10);
    const double density = random.uniform(0.05, 0.7);
    std::vector<std::vector<std::size_t>> edges(left);
    for (auto& list : edges) {
      for (std::size_t r = 0; r < right; ++r) {
        if (random.chance(density)) list.push_back(r);
      }
    }
    const auto partners = maximum_matching(edges, right);
    std::set<std::size_t> used;
    for (std::size_t l = 0; l < left; ++l) {
      if (!partners[l]) continue;
      ASSERT_NE(std::find(edges[l].begin(), edges[l].end(), *partners[l]), edges[l].end());
      ASSERT_TRUE(used.insert(*partners[l]).second) << "right vertex used twice";
    }
    const auto expected = brute_force_matching(left, right, [&](std::size_t l, std::size_t r) {
      return std::find(edges[l].begin(), edges[l].end(), r) != edges[l].end();
    });
    ASSERT_EQ(used.size(), expected) << "round " << round;
  }
}

TEST(MaximumMatching, FollowsAnAlternatingPathOfManySteps) {
  // Left i may take right i or i + 1, and one more vertex may only take right 0: all must move.
  constexpr std::size_t kSteps = 20000;
  std::vector<std::vector<std::size_t>> edges;
  for (std::size_t i = 0; i < kSteps; ++i) edges.push_back({i, i + 1});
  edges.push_back({0});
  const auto partners = maximum_matching(edges, kSteps + 1);
  EXPECT_TRUE(std::all_of(partners.begin(), partners.end(), [](const auto& p) { return p.has_value(); }));
  EXPECT_EQ(*partners.back(), 0u);
}

TEST(FMeasure, IsTheHarmonicMean) {
  EXPECT_DOUBLE_EQ(f_measure(0.5, 1.0), 2.0 / 3.0);
  EXPECT_EQ(f_measure(0.0, 0.0), 0.0);
}

}  // namespace
}  // namespace pop2piano
