// SPDX-License-Identifier: MIT
#include "judging/metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

TEST(Bootstrap, CoversTheMean) {
  Random random(71);
  std::vector<double> values(200);
  for (double& value : values) value = 5.0 + random.normal();
  const MeanInterval interval = bootstrap_mean(values);
  EXPECT_EQ(interval.count, 200u);
  EXPECT_NEAR(interval.high - interval.low, 2.0 * 1.96 / std::sqrt(200.0), 0.06);
  EXPECT_LT(interval.low, interval.mean);
  EXPECT_GT(interval.high, interval.mean);
  EXPECT_EQ(bootstrap_mean({}).count, 0u);
  EXPECT_EQ(bootstrap_mean(std::vector<double>{3.0}).low, 3.0);
}

// All 2^n ways to sign the ranks.
double plain_wilcoxon(const std::vector<double>& differences) {
  std::vector<double> sorted = differences;
  std::sort(sorted.begin(), sorted.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  const std::size_t n = sorted.size();
  double observed = 0.0;
  for (std::size_t i = 0; i < n; ++i) observed += sorted[i] > 0.0 ? static_cast<double>(i + 1) : 0.0;
  const double all = static_cast<double>(n * (n + 1)) / 2.0, smaller = std::min(observed, all - observed);
  double below = 0.0;
  for (std::size_t signs = 0; signs < (std::size_t{1} << n); ++signs) {
    double sum = 0.0;
    for (std::size_t i = 0; i < n; ++i) sum += (signs >> i & 1U) != 0 ? static_cast<double>(i + 1) : 0.0;
    below += sum <= smaller ? 1.0 : 0.0;
  }
  return std::min(1.0, 2.0 * below / std::exp2(static_cast<double>(n)));
}

TEST(Wilcoxon, ExactTailEqualsEnumeration) {
  Random random(73);
  for (int round = 0; round < 30; ++round) {
    std::vector<double> differences(6 + random.index(7));
    for (double& difference : differences) difference = random.uniform(-1.0, 1.5);
    ASSERT_NEAR(wilcoxon_signed_rank(differences).value(), plain_wilcoxon(differences), 1e-12);
  }
}

TEST(Wilcoxon, LargeSamplesAndTies) {
  std::vector<double> ups(40, 0.0);
  for (std::size_t i = 0; i < ups.size(); ++i) ups[i] = static_cast<double>(i) + 1.0;
  EXPECT_LT(wilcoxon_signed_rank(ups).value(), 1e-6);
  EXPECT_GT(wilcoxon_signed_rank(std::vector<double>{1, -1, 1, -1, 1, -1, 1, -1}).value(), 0.9);
  EXPECT_FALSE(wilcoxon_signed_rank(std::vector<double>{1, 2, 3, 0, 0, 0}).has_value());
}

}  // namespace
}  // namespace pop2piano
