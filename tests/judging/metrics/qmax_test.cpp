// SPDX-License-Identifier: MIT
// Qmax against the plain equations.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "judging/metrics/cover_distance.h"
#include "listening/align/random_profiles.h"

namespace pop2piano {
namespace {

using testing::random_song;

// Serra et al. 2009, equations 1 to 6, with whole matrices.
double plain_qmax_distance(const Matrix<float>& a, const Matrix<float>& b, std::size_t m, double kappa) {
  const std::size_t rows = a.rows() - m, columns = b.rows() - m;
  std::vector<std::vector<double>> distance(rows, std::vector<double>(columns));
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      double sum = 0.0;
      for (std::size_t e = 0; e < m; ++e) {
        for (std::size_t c = 0; c < 12; ++c) sum += std::pow(static_cast<double>(a(i + e, c)) - b(j + e, c), 2.0);
      }
      distance[i][j] = std::sqrt(sum);
    }
  }
  const auto percentile = [&](std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const double at = kappa * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(at);
    return values[low] + (at - static_cast<double>(low)) * (values[std::min(low + 1, values.size() - 1)] - values[low]);
  };
  std::vector<double> row_limit(rows), column_limit(columns);
  for (std::size_t i = 0; i < rows; ++i) row_limit[i] = percentile(distance[i]);
  for (std::size_t j = 0; j < columns; ++j) {
    std::vector<double> column;
    for (std::size_t i = 0; i < rows; ++i) column.push_back(distance[i][j]);
    column_limit[j] = percentile(column);
  }
  const auto near = [&](std::size_t i, std::size_t j) {
    return distance[i][j] <= row_limit[i] && distance[i][j] <= column_limit[j];
  };
  std::vector<std::vector<double>> q(rows, std::vector<double>(columns, 0.0));
  double largest = 0.0;
  for (std::size_t i = 2; i < rows; ++i) {
    for (std::size_t j = 2; j < columns; ++j) {
      const double before[] = {q[i - 1][j - 1], q[i - 2][j - 1], q[i - 1][j - 2]};
      q[i][j] = near(i, j) ? *std::max_element(before, before + 3) + 1.0
                           : std::max(0.0, *std::max_element(before, before + 3) - 0.5);
      largest = std::max(largest, q[i][j]);
    }
  }
  return std::sqrt(static_cast<double>(columns)) / largest;
}

TEST(Qmax, EqualsThePlainVersion) {
  ThreadPool pool(2);
  Random random(43);
  for (int round = 0; round < 10; ++round) {
    const Matrix<float> song = random_song(random, 60 + random.index(60)),
                        other = random_song(random, 50 + random.index(60));
    const double expected = plain_qmax_distance(song, other, 9, 0.095);
    const Measure found = qmax_distance(song, other, pool, {.transpose = false});
    ASSERT_EQ(found.defined(), std::isfinite(expected));
    if (!found.defined()) continue;
    ASSERT_NEAR(found.value(), expected, 1e-6) << "round " << round;
  }
}

TEST(Qmax, TheSameSongInAnotherKeyIsNearest) {
  ThreadPool pool(1);
  Random random(47);
  const Matrix<float> song = random_song(random, 200), other = random_song(random, 200);
  const double same = qmax_distance(song, song, pool).value();
  // A run along the whole diagonal: all states but the two at the border.
  EXPECT_NEAR(same, std::sqrt(191.0) / 189.0, 1e-6);
  EXPECT_NEAR(qmax_distance(song, transposed(song, 5), pool).value(), same, 1e-6);
  EXPECT_GT(qmax_distance(song, other, pool).value(), 3.0 * same);
}

TEST(Qmax, UndefinedForSilenceAndScraps) {
  ThreadPool pool(1);
  Random random(53);
  const Matrix<float> song = random_song(random, 100);
  EXPECT_FALSE(qmax_distance(song, Matrix<float>(100, 12), pool).defined());
  EXPECT_FALSE(qmax_distance(Matrix<float>(100, 12), song, pool).defined());
  EXPECT_FALSE(qmax_distance(song, random_song(random, 10), pool).defined());
  EXPECT_FALSE(qmax_distance({}, {}, pool).defined());
}

}  // namespace
}  // namespace pop2piano
