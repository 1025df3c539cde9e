// SPDX-License-Identifier: MIT
#include "listening/align/alignment.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "listening/align/pair_sums.h"
#include "listening/harmony/hpcp.h"

namespace pop2piano {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// For each frame of the first sequence, the frames [begin, end) of the second that are tried.
struct Band {
  std::vector<std::size_t> begin, end;
};

Band full_band(std::size_t rows, std::size_t columns) {
  return {std::vector<std::size_t>(rows, 0), std::vector<std::size_t>(rows, columns)};
}

// `radius` coarse frames around the coarse path, in fine frames.
Band band_around(const WarpPath& coarse, std::size_t rows, std::size_t columns, const AlignmentOptions& options) {
  Band band{std::vector<std::size_t>(rows, columns), std::vector<std::size_t>(rows, 0)};
  const std::size_t factor = options.coarsening;
  for (const auto& [row, column] : coarse) {
    const std::size_t first_row = (row < options.radius ? 0 : row - options.radius) * factor;
    const std::size_t end_row = std::min(rows, (row + options.radius + 1) * factor);
    const std::size_t begin = (column < options.radius ? 0 : column - options.radius) * factor;
    const std::size_t end = std::min(columns, (column + options.radius + 1) * factor);
    // Only the rows at the rim are new; those between were covered by the neighbours on the path.
    for (const auto& [from, to] : {std::pair(first_row, std::min(rows, first_row + factor)),
                                   std::pair(row * factor, std::min(rows, (row + 1) * factor)),
                                   std::pair(end_row < factor ? 0 : end_row - factor, end_row)}) {
      for (std::size_t i = from; i < to; ++i) {
        band.begin[i] = std::min(band.begin[i], begin);
        band.end[i] = std::max(band.end[i], end);
      }
    }
  }
  return band;
}

float frame_cost(std::span<const float> a, std::span<const float> b) {
  float product = 0.0F, energy_a = 0.0F, energy_b = 0.0F, squares = 0.0F;
  for (std::size_t c = 0; c < kPitchClasses; ++c) {
    product += a[c] * b[c];
    energy_a += a[c] * a[c];
    energy_b += b[c] * b[c];
  }
  for (std::size_t c = kPitchClasses; c < a.size(); ++c) squares += (a[c] - b[c]) * (a[c] - b[c]);
  const float energy = energy_a * energy_b;
  const float cosine = energy > 0.0F ? product / std::sqrt(energy) : (energy_a == energy_b ? 1.0F : 0.0F);
  return 0.5F * (1.0F - cosine) + 0.5F * std::sqrt(squares);
}

enum class Step : std::uint8_t { start, both, first, second };

class BandedWarping {
 public:
  BandedWarping(const Matrix<float>& first, const Matrix<float>& second, Band band, const AlignmentOptions& options)
      : first_(first), second_(second), band_(std::move(band)), options_(options) {
    offsets_.push_back(0);
    for (std::size_t i = 0; i < first.rows(); ++i) offsets_.push_back(offsets_.back() + band_.end[i] - band_.begin[i]);
    steps_.resize(offsets_.back());
  }

  WarpPath solve() {
    std::vector<float> above, here;
    for (std::size_t i = 0; i < first_.rows(); ++i) {
      fill_row(i, above, here);
      above.swap(here);
    }
    return trace_back();
  }

 private:
  void fill_row(std::size_t i, std::span<const float> above, std::vector<float>& here) {
    here.assign(band_.end[i] - band_.begin[i], kInfinity);
    const auto from_above = [&](std::size_t j) {
      const bool inside = i > 0 && j >= band_.begin[i - 1] && j < band_.end[i - 1];
      return inside ? above[j - band_.begin[i - 1]] : kInfinity;
    };
    const auto straight = static_cast<float>(options_.straight_weight);
    const auto diagonal = static_cast<float>(options_.diagonal_weight);
    for (std::size_t j = band_.begin[i]; j < band_.end[i]; ++j) {
      const std::size_t at = j - band_.begin[i];
      const float cost = frame_cost(first_.row(i), second_.row(j));
      if (i == 0 && j == 0) {
        here[at] = cost;
        steps_[offsets_[i] + at] = Step::start;
        continue;
      }
      const float both = j > 0 ? from_above(j - 1) + diagonal * cost : kInfinity;
      const float down = from_above(j) + straight * cost;
      const float across = at > 0 ? here[at - 1] + straight * cost : kInfinity;
      here[at] = std::min({both, down, across});
      steps_[offsets_[i] + at] = here[at] == both ? Step::both : here[at] == down ? Step::first : Step::second;
    }
  }

  WarpPath trace_back() const {
    WarpPath path;
    std::size_t i = first_.rows() - 1, j = second_.rows() - 1;
    for (;;) {
      path.emplace_back(i, j);
      const Step step = steps_[offsets_[i] + (j - band_.begin[i])];
      if (step == Step::start || (i == 0 && j == 0)) break;
      if (i > 0 && step != Step::second) --i;
      if (j > 0 && step != Step::first) --j;
    }
    std::reverse(path.begin(), path.end());
    return path;
  }

  const Matrix<float>& first_;
  const Matrix<float>& second_;
  Band band_;
  const AlignmentOptions& options_;
  std::vector<std::size_t> offsets_;  // [rows + 1] of each row in steps_
  std::vector<Step> steps_;           // [cells of the band]
};

// Pearson's r of song[k] and cover[k + shift]; absent when a side is constant.
double correlation_at(std::span<const float> song, std::span<const float> cover, std::ptrdiff_t shift) {
  PairSums sums;
  for (std::size_t k = 0; k < song.size(); ++k) {
    const std::ptrdiff_t other = static_cast<std::ptrdiff_t>(k) + shift;
    if (other < 0 || other >= static_cast<std::ptrdiff_t>(cover.size())) continue;
    sums.add(song[k], cover[static_cast<std::size_t>(other)]);
  }
  const double variance = sums.n > 0.0 ? sums.var_x() * sums.var_y() : 0.0;
  return variance > 1e-20 ? sums.covariance() / std::sqrt(variance) : 0.0;
}

}  // namespace

Matrix<float> coarsened(const Matrix<float>& features, std::size_t factor) {
  Matrix<float> result((features.rows() + factor - 1) / factor, features.columns());
  for (std::size_t k = 0; k < features.rows(); ++k) {
    const std::size_t count = std::min(factor, features.rows() - k / factor * factor);
    for (std::size_t c = 0; c < features.columns(); ++c) {
      result(k / factor, c) += features(k, c) / static_cast<float>(count);
    }
  }
  return result;
}

// Without this the flat profiles of drums
// and distortion fit everything, and one of four songs lost its path.
Matrix<float> above_their_mean(const Matrix<float>& profiles) {
  Matrix<float> result(profiles.rows(), kPitchClasses);
  for (std::size_t k = 0; k < profiles.rows(); ++k) {
    float mean = 0.0F;
    for (const float value : profiles.row(k)) mean += value / static_cast<float>(kPitchClasses);
    for (std::size_t c = 0; c < kPitchClasses; ++c) result(k, c) = std::max(0.0F, profiles(k, c) - mean);
  }
  return result;
}

WarpPath align(const Matrix<float>& first, const Matrix<float>& second, const AlignmentOptions& options) {
  if (first.rows() == 0 || second.rows() == 0) return {};
  if (first.columns() != second.columns() || first.columns() < kPitchClasses) {
    throw Error(ErrorCode::invalid_argument, "alignment: expected features of one width, at least 12, found " +
                                                 std::to_string(first.columns()) + " and " +
                                                 std::to_string(second.columns()));
  }
  const bool small = first.rows() <= options.full_cells / second.rows();
  if (small) return BandedWarping(first, second, full_band(first.rows(), second.rows()), options).solve();
  const std::size_t factor = std::max<std::size_t>(2, options.coarsening);
  const WarpPath coarse = align(coarsened(first, factor), coarsened(second, factor), options);
  Band band = band_around(coarse, first.rows(), second.rows(), options);
  return BandedWarping(first, second, std::move(band), options).solve();
}

Matrix<float> alignment_features(const Matrix<float>& raw_profiles) {
  const Matrix<float> profiles = above_their_mean(raw_profiles);
  constexpr std::size_t kLag = 2, kTail = 10, kNeighbourhood = 25;  // frames of 20 ms
  const std::size_t frames = profiles.rows();
  Matrix<float> rises(frames, kPitchClasses);
  std::vector<float> largest(frames, 0.0F);
  for (std::size_t k = kLag; k < frames; ++k) {
    for (std::size_t c = 0; c < kPitchClasses; ++c) {
      rises(k, c) = std::max(0.0F, profiles(k, c) - profiles(k - kLag, c));
      largest[k] = std::max(largest[k], rises(k, c));
    }
  }
  Matrix<float> features(frames, 2 * kPitchClasses);
  for (std::size_t k = 0; k < frames; ++k) {
    const auto first = largest.begin() + static_cast<std::ptrdiff_t>(k < kNeighbourhood ? 0 : k - kNeighbourhood);
    const auto end = largest.begin() + static_cast<std::ptrdiff_t>(std::min(frames, k + kNeighbourhood + 1));
    const float scale = std::max(0.05F, *std::max_element(first, end)) * 2.0F;
    for (std::size_t c = 0; c < kPitchClasses; ++c) {
      features(k, c) = profiles(k, c);
      float tail = 0.0F;
      for (std::size_t n = 0; n <= std::min(kTail - 1, k); ++n) {
        tail = std::max(tail, rises(k - n, c) * std::sqrt(1.0F - static_cast<float>(n) / kTail));
      }
      features(k, kPitchClasses + c) = tail / scale;
    }
  }
  return features;
}

Lock measure_lock(std::span<const float> song, std::span<const float> cover, double frame_rate, double reach) {
  const auto varies = [](std::span<const float> curve) {
    return std::any_of(curve.begin(), curve.end(), [&](float value) { return value != curve.front(); });
  };
  std::string_view reason;
  const double common = static_cast<double>(std::min(song.size(), cover.size())) / frame_rate;
  if (common < 1.0 + reach) reason = "too short to compare onsets";
  if (reason.empty() && !varies(song)) reason = "the song has no onsets";
  if (reason.empty() && !varies(cover)) reason = "the cover has no onsets";
  if (!reason.empty()) return {Measure::undefined(reason), Measure::undefined(reason)};
  const auto furthest = static_cast<std::ptrdiff_t>(std::lround(reach * frame_rate));
  std::vector<double> values;
  for (std::ptrdiff_t shift = -furthest; shift <= furthest; ++shift) {
    values.push_back(correlation_at(song, cover, shift));
  }
  const auto best = static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
  double refined = static_cast<double>(best);
  if (best > 0 && best + 1 < values.size()) {
    const double bend = values[best - 1] - 2.0 * values[best] + values[best + 1];
    if (bend < 0.0) refined += 0.5 * (values[best - 1] - values[best + 1]) / bend;
  }
  return {values[best], (refined - static_cast<double>(furthest)) / frame_rate * 1000.0};
}

}  // namespace pop2piano
