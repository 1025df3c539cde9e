// SPDX-License-Identifier: MIT
#include "judging/metrics/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/core/random.h"

namespace pop2piano {
namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

struct SignedRanks {
  double positive = 0.0;        // sum of the ranks of positive differences
  double tie_correction = 0.0;  // sum of t^3 - t over groups of equal magnitude
  bool has_ties = false;
};

SignedRanks signed_ranks(std::vector<double> differences) {
  std::sort(differences.begin(), differences.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  SignedRanks result;
  for (std::size_t i = 0; i < differences.size();) {
    std::size_t end = i;
    while (end < differences.size() && std::abs(differences[end]) == std::abs(differences[i])) ++end;
    const double rank = static_cast<double>(i + 1 + end) / 2.0;
    const auto ties = static_cast<double>(end - i);
    result.tie_correction += ties * ties * ties - ties;
    result.has_ties = result.has_ties || end - i > 1;
    for (; i < end; ++i) result.positive += differences[i] > 0.0 ? rank : 0.0;
  }
  return result;
}

// Share of the 2^n ways to sign ranks 1..n whose positive sum is at most `sum`.
double exact_lower_tail(std::size_t n, double sum) {
  std::vector<double> ways(n * (n + 1) / 2 + 1, 0.0);
  ways[0] = 1.0;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    for (std::size_t total = ways.size(); total-- > rank;) ways[total] += ways[total - rank];
  }
  double below = 0.0;
  for (std::size_t total = 0; total < ways.size() && static_cast<double>(total) <= sum; ++total) below += ways[total];
  return below / std::exp2(static_cast<double>(n));
}

}  // namespace

MeanInterval bootstrap_mean(std::span<const double> values, std::size_t draws, double confidence) {
  if (values.empty()) return {};
  const double mean = mean_of(values);
  if (values.size() == 1) return {1, mean, mean, mean};
  Random random(20230101);
  std::vector<double> means(draws);
  for (double& drawn : means) {
    double sum = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) sum += values[random.index(values.size())];
    drawn = sum / static_cast<double>(values.size());
  }
  std::sort(means.begin(), means.end());
  const double tail = (1.0 - confidence) / 2.0 * static_cast<double>(draws - 1);
  return {values.size(), mean, means[static_cast<std::size_t>(std::floor(tail))],
          means[draws - 1 - static_cast<std::size_t>(std::floor(tail))]};
}

std::optional<double> wilcoxon_signed_rank(std::span<const double> differences) {
  std::vector<double> kept;
  std::copy_if(differences.begin(), differences.end(), std::back_inserter(kept), [](double d) { return d != 0.0; });
  const std::size_t n = kept.size();
  if (n < 6) return std::nullopt;
  const auto count = static_cast<double>(n);
  const SignedRanks ranks = signed_ranks(std::move(kept));
  const double all = count * (count + 1.0) / 2.0;
  const double smaller = std::min(ranks.positive, all - ranks.positive);
  if (n <= 25 && !ranks.has_ties) return std::min(1.0, 2.0 * exact_lower_tail(n, smaller));
  const double variance = count * (count + 1.0) * (2.0 * count + 1.0) / 24.0 - ranks.tie_correction / 48.0;
  if (variance <= 0.0) return 1.0;
  const double z = std::max(0.0, all / 2.0 - smaller - 0.5) / std::sqrt(variance);
  return std::min(1.0, std::erfc(z / std::sqrt(2.0)));
}

}  // namespace pop2piano
