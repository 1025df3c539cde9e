// SPDX-License-Identifier: MIT
// Means with intervals and paired tests over songs.
#pragma once

#include <pop2piano/measure.h>

#include <optional>
#include <span>

namespace pop2piano {

/// Percentile bootstrap (Efron 1979) with a fixed seed, so that the same numbers give the same interval. count 0 for
/// no values; one value: low = high = mean.
MeanInterval bootstrap_mean(std::span<const double> values, std::size_t draws = 2000, double confidence = 0.95);

/// Two-sided p of the Wilcoxon signed rank test (1945) on the differences; zeros are dropped, ties share their ranks.
/// Exact distribution up to 25 differences without ties, else normal approximation with continuity and tie correction.
/// Absent with fewer than six differences that are not zero.
std::optional<double> wilcoxon_signed_rank(std::span<const double> differences);

}  // namespace pop2piano
