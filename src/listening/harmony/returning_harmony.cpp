// SPDX-License-Identifier: MIT
#include "listening/harmony/returning_harmony.h"

#include <algorithm>
#include <utility>

namespace pop2piano {
namespace {

constexpr std::size_t kMostBars = 1000;
constexpr std::size_t kPassage = 4;  // bars in a row that are compared
// Likeness from which a bar counts, and from which it counts as much as the bar itself (docs/lab/harmony_network.md).
constexpr double kLeastLikeness = 0.8, kFullLikeness = 0.9;

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

std::vector<std::vector<LikeBar>> returning_bars(Matrix<float> beats, const std::vector<BarSpan>& bars) {
  std::vector<std::vector<LikeBar>> like(bars.size());
  if (bars.size() > kMostBars) return like;
  const Matrix<float> likeness = bar_likeness({.harmony = std::move(beats), .melody = {}, .timbre = {}}, bars);
  for (std::size_t i = 0; i < bars.size(); ++i) {
    for (std::size_t j = 0; j < bars.size(); ++j) {
      if (i == j) continue;
      const double passage = likeness_of_passages(likeness, i, j);
      const double both = std::min(passage, 0.5 * (passage + static_cast<double>(likeness(i, j))));
      const double weight = std::clamp((both - kLeastLikeness) / (kFullLikeness - kLeastLikeness), 0.0, 1.0);
      if (weight > 0.0) like[i].push_back({j, weight});
    }
  }
  return like;
}

void share_between_bars(std::vector<std::vector<double>>& rows, const std::vector<BarSpan>& bars,
                        const std::vector<std::vector<LikeBar>>& like) {
  const auto row_of = [&](std::size_t bar, std::size_t beat) {
    return static_cast<std::size_t>(bars[bar].first_beat) + beat;
  };
  const std::vector<std::vector<double>> own = rows;
  for (std::size_t i = 0; i < like.size(); ++i) {
    double weights = 1.0;
    for (const LikeBar& other : like[i]) weights += other.weight;
    for (std::size_t b = 0; b < static_cast<std::size_t>(bars[i].beats); ++b) {
      std::vector<double>& row = rows[row_of(i, b)];
      for (const LikeBar& other : like[i]) {
        const std::vector<double>& theirs = own[row_of(other.bar, b)];
        for (std::size_t c = 0; c < row.size(); ++c) row[c] += other.weight * theirs[c];
      }
      for (double& value : row) value /= weights;
    }
  }
}

}  // namespace pop2piano
