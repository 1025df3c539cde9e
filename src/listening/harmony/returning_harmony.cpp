// SPDX-License-Identifier: MIT
#include "listening/harmony/returning_harmony.h"

#include <algorithm>
#include <cmath>

namespace pop2piano {
namespace {

constexpr std::size_t kMostBars = 1000;
constexpr std::size_t kPassage = 4;  // bars in a row that are compared
// Likeness from which a bar counts, and from which it counts as much as the bar itself (docs/lab/harmony_network.md).
constexpr double kLeastLikeness = 0.8, kFullLikeness = 0.9;

// Rows less their mean, brought to length one.
Matrix<float> directions(const Matrix<float>& rows) {
  Matrix<float> result(rows.rows(), rows.columns());
  std::vector<double> mean(rows.columns(), 0.0);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += rows(r, c) / static_cast<double>(rows.rows());
  }
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    double power = 0.0;
    for (std::size_t c = 0; c < mean.size(); ++c) power += std::pow(rows(r, c) - mean[c], 2.0);
    const double length = std::sqrt(power);
    if (length < 1e-9) continue;
    for (std::size_t c = 0; c < mean.size(); ++c) result(r, c) = static_cast<float>((rows(r, c) - mean[c]) / length);
  }
  return result;
}

// [bars, bars] mean of the products of beats at like places; 0 where the numbers of beats differ.
Matrix<float> likeness_of_bars(const Matrix<float>& beats, std::span<const std::size_t> borders) {
  const Matrix<float> known = directions(beats);
  const std::size_t bars = borders.size() - 1;
  Matrix<float> likeness(bars, bars);
  for (std::size_t i = 0; i < bars; ++i) {
    const std::size_t length = borders[i + 1] - borders[i];
    for (std::size_t j = i; j < bars; ++j) {
      if (borders[j + 1] - borders[j] != length) continue;
      float sum = 0.0F;
      for (std::size_t b = 0; b < length; ++b) {
        const auto one = known.row(borders[i] + b), other = known.row(borders[j] + b);
        for (std::size_t c = 0; c < one.size(); ++c) sum += one[c] * other[c];
      }
      likeness(i, j) = likeness(j, i) = sum / static_cast<float>(length);
    }
  }
  return likeness;
}

// The most that any kPassage bars in a row with bar `i` are like those with bar `j` at the same place.
double likeness_of_passages(const Matrix<float>& likeness, std::size_t i, std::size_t j) {
  double most = 0.0;
  for (std::size_t before = 0; before < kPassage; ++before) {
    if (std::min(i, j) < before || std::max(i, j) - before + kPassage > likeness.rows()) continue;
    double sum = 0.0;
    for (std::size_t bar = 0; bar < kPassage; ++bar) sum += likeness(i - before + bar, j - before + bar);
    most = std::max(most, sum / kPassage);
  }
  return most;
}

}  // namespace

std::vector<std::size_t> bar_borders(std::span<const int> beat_numbers) {
  std::vector<std::size_t> borders;
  for (std::size_t b = 0; b < beat_numbers.size(); ++b) {
    if (b == 0 || beat_numbers[b] == 1) borders.push_back(b);
  }
  borders.push_back(beat_numbers.size());
  return borders;
}

std::vector<std::vector<LikeBar>> returning_bars(const Matrix<float>& beats, std::span<const std::size_t> borders) {
  const std::size_t bars = borders.size() - 1;
  std::vector<std::vector<LikeBar>> like(bars);
  if (bars > kMostBars) return like;
  const Matrix<float> likeness = likeness_of_bars(beats, borders);
  for (std::size_t i = 0; i < bars; ++i) {
    for (std::size_t j = 0; j < bars; ++j) {
      if (i == j) continue;
      const double passage = likeness_of_passages(likeness, i, j);
      const double both = std::min(passage, 0.5 * (passage + static_cast<double>(likeness(i, j))));
      const double weight = std::clamp((both - kLeastLikeness) / (kFullLikeness - kLeastLikeness), 0.0, 1.0);
      if (weight > 0.0) like[i].push_back({j, weight});
    }
  }
  return like;
}

void share_between_bars(std::vector<std::vector<double>>& rows, std::span<const std::size_t> borders,
                        const std::vector<std::vector<LikeBar>>& like) {
  const std::vector<std::vector<double>> own = rows;
  for (std::size_t i = 0; i < like.size(); ++i) {
    double weights = 1.0;
    for (const LikeBar& other : like[i]) weights += other.weight;
    for (std::size_t b = 0; b < borders[i + 1] - borders[i]; ++b) {
      std::vector<double>& row = rows[borders[i] + b];
      for (const LikeBar& other : like[i]) {
        const std::vector<double>& theirs = own[borders[other.bar] + b];
        for (std::size_t c = 0; c < row.size(); ++c) row[c] += other.weight * theirs[c];
      }
      for (double& value : row) value /= weights;
    }
  }
}

}  // namespace pop2piano
