// SPDX-License-Identifier: MIT
// Song against cover: Qmax, warping, lock; and the statistics over songs.
#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "judging/metrics/cover_distance.h"
#include "judging/metrics/statistics.h"
#include "listening/align/alignment.h"
#include "listening/align/hpcp.h"

namespace pop2piano {
namespace {

// Chords that change at random, a little blurred.
Matrix<float> random_song(Random& random, std::size_t frames, std::size_t columns = kPitchClasses) {
  Matrix<float> profiles(frames, columns);
  std::size_t root = 0;
  for (std::size_t k = 0; k < frames; ++k) {
    if (random.chance(0.15)) root = random.index(12);
    for (std::size_t c = 0; c < columns; ++c) profiles(k, c) = 0.2F * static_cast<float>(random.uniform());
    for (const std::size_t tone : {0UL, 4UL, 7UL}) profiles(k, (root + tone) % 12) += 0.8F;
  }
  return profiles;
}

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

Matrix<float> every_frame_twice(const Matrix<float>& profiles) {
  Matrix<float> result;
  for (std::size_t k = 0; k < profiles.rows(); ++k) {
    result.append_row(profiles.row(k));
    result.append_row(profiles.row(k));
  }
  return result;
}

TEST(Align, FindsTheDiagonalAndHalfTempo) {
  Random random(59);
  const Matrix<float> song = random_song(random, 300, 24);
  const WarpPath same = align(song, song);
  ASSERT_EQ(same.size(), 300u);
  for (std::size_t i = 0; i < same.size(); ++i) ASSERT_EQ(same[i], std::pair(i, i));
  for (const auto& [slow, fast] : align(every_frame_twice(song), song))
    ASSERT_LE(std::abs(double(slow) / 2.0 - double(fast)), 2.0);
}

TEST(Align, CoarseToFineFindsWhatTheFullSearchFinds) {
  Random random(61);
  const Matrix<float> song = random_song(random, 500, 24);
  Matrix<float> warped;
  for (std::size_t k = 0; k < song.rows(); ++k) {
    const std::size_t copies = k < 200 ? 1 : k < 350 ? 2 : (k % 2);
    for (std::size_t i = 0; i < copies; ++i) warped.append_row(song.row(k));
  }
  const WarpPath full = align(warped, song), banded = align(warped, song, {.full_cells = 2000});
  EXPECT_EQ(full, banded);
}

TEST(Align, EmptyAndMismatchedInput) {
  EXPECT_TRUE(align({}, Matrix<float>(3, 24)).empty());
  EXPECT_THROW((void)align(Matrix<float>(3, 24), Matrix<float>(3, 12)), Error);
  EXPECT_EQ(align(Matrix<float>(1, 24), Matrix<float>(4, 24)).size(), 4u);
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

TEST(Lock, FindsTheShift) {
  Random random(67);
  std::vector<float> song(1000, 0.0F), cover(1000, 0.0F);
  for (int i = 0; i < 60; ++i) {
    const std::size_t at = 20 + random.index(900);
    song[at] += 1.0F;
    cover[at + 7] += 1.0F;
  }
  const Lock lock = measure_lock(song, cover, 100.0);
  EXPECT_NEAR(lock.offset_ms.value(), 70.0, 2.0);
  EXPECT_GT(lock.correlation.value(), 0.95);
  EXPECT_FALSE(measure_lock(song, std::vector<float>(1000, 0.5F), 100.0).correlation.defined());
  EXPECT_FALSE(measure_lock({}, cover, 100.0).offset_ms.defined());
}

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
