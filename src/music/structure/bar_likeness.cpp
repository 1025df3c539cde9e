// SPDX-License-Identifier: MIT
#include "music/structure/bar_likeness.h"

#include <algorithm>
#include <cmath>

namespace pop2piano {
namespace {

constexpr double kHarmony = 0.5, kMelody = 0.3, kTimbre = 0.2;  // weights of what is compared

// Rows less their mean over the song, so that what all beats share says nothing, brought to length one.
Matrix<float> directions(const Matrix<float>& rows) {
  Matrix<float> result(rows.rows(), rows.columns());
  std::vector<double> mean(rows.columns(), 0.0);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    for (std::size_t c = 0; c < rows.columns(); ++c) mean[c] += rows(r, c) / static_cast<double>(rows.rows());
  }
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    double power = 0.0;
    for (std::size_t c = 0; c < rows.columns(); ++c) power += std::pow(rows(r, c) - mean[c], 2.0);
    const double length = std::sqrt(power);
    if (length < 1e-9) continue;
    for (std::size_t c = 0; c < rows.columns(); ++c) result(r, c) = static_cast<float>((rows(r, c) - mean[c]) / length);
  }
  return result;
}

double product(const Matrix<float>& rows, int a, int b) {
  double sum = 0.0;
  const auto first = rows.row(static_cast<std::size_t>(a)), second = rows.row(static_cast<std::size_t>(b));
  for (std::size_t c = 0; c < first.size(); ++c) sum += static_cast<double>(first[c]) * second[c];
  return std::max(0.0, sum);
}

}  // namespace

std::vector<BarSpan> bar_spans(std::span<const int> numbers) {
  std::vector<BarSpan> bars;
  for (std::size_t b = 0; b < numbers.size(); ++b) {
    if (bars.empty() || numbers[b] == 1) bars.push_back({static_cast<int>(b), 0});
    ++bars.back().beats;
  }
  return bars;
}

Matrix<float> bar_likeness(const BeatDescriptions& beats, const std::vector<BarSpan>& bars) {
  struct Aspect {
    Matrix<float> rows;
    double weight;
  };
  std::vector<Aspect> aspects;
  double weights = 0.0;
  for (const auto& [rows, weight] :
       {std::pair(&beats.harmony, kHarmony), {&beats.melody, kMelody}, {&beats.timbre, kTimbre}}) {
    if (rows->rows() == 0) continue;
    aspects.push_back({directions(*rows), weight});
    weights += weight;
  }
  Matrix<float> likeness(bars.size(), bars.size());
  if (aspects.empty()) return likeness;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    for (std::size_t j = i; j < bars.size(); ++j) {
      if (bars[i].beats != bars[j].beats) continue;
      double sum = 0.0;
      for (const Aspect& aspect : aspects) {
        for (int b = 0; b < bars[i].beats; ++b)
          sum += aspect.weight * product(aspect.rows, bars[i].first_beat + b, bars[j].first_beat + b);
      }
      likeness(i, j) = likeness(j, i) = static_cast<float>(sum / (weights * bars[i].beats));
    }
  }
  return likeness;
}

}  // namespace pop2piano
