// SPDX-License-Identifier: MIT
#include "judging/metrics/cover_distance.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "listening/harmony/hpcp.h"

namespace pop2piano {
namespace {

// Squared distances between one state of `rows` and all states of `columns`.
class StateDistances {
 public:
  StateDistances(const Matrix<float>& rows, const Matrix<float>& columns, const QmaxOptions& options)
      : rows_(rows),
        options_(options),
        states_(columns.rows() - options.embedding * options.delay),
        ring_(options.embedding * options.delay, columns.rows()),
        in_slot_(options.embedding * options.delay, std::numeric_limits<std::size_t>::max()) {
    // Transposed, so that the inner loop runs over neighbouring states.
    by_class_.resize(kPitchClasses * columns.rows());
    for (std::size_t k = 0; k < columns.rows(); ++k) {
      for (std::size_t c = 0; c < kPitchClasses; ++c) by_class_[c * columns.rows() + k] = columns(k, c);
    }
    columns_ = columns.rows();
  }

  // Fast when rows are asked for in order: only one new frame is compared.
  void of_state(std::size_t row, std::span<float> out) {
    std::fill(out.begin(), out.end(), 0.0F);
    for (std::size_t e = 0; e < options_.embedding; ++e) {
      const float* shifted = of_frame(row + e * options_.delay).data() + e * options_.delay;
      for (std::size_t j = 0; j < states_; ++j) out[j] += shifted[j];
    }
  }
  [[nodiscard]] std::size_t states() const { return states_; }

 private:
  std::span<const float> of_frame(std::size_t frame) {
    const std::size_t slot = frame % ring_.rows();
    const std::span<float> distances = ring_.row(slot);
    if (in_slot_[slot] == frame) return distances;
    in_slot_[slot] = frame;
    std::fill(distances.begin(), distances.end(), 0.0F);
    for (std::size_t c = 0; c < kPitchClasses; ++c) {
      const float value = rows_(frame, c);
      const float* column = by_class_.data() + c * columns_;
      float* out = distances.data();
      for (std::size_t j = 0; j < columns_; ++j) {
        const float difference = value - column[j];
        out[j] += difference * difference;
      }
    }
    return distances;
  }

  const Matrix<float>& rows_;
  const QmaxOptions& options_;
  std::size_t states_, columns_ = 0;
  std::vector<float> by_class_;       // [12, columns]
  Matrix<float> ring_;                // [embedding * delay, columns] squared distances of the last frames
  std::vector<std::size_t> in_slot_;  // [embedding * delay] which frame each row holds
};

// The distance below which a share of all lies, between two order statistics as NumPy's percentile; squared. `guess`
// says below which value to look first; a bad one costs time only. `scratch` has one element more than `squared`.
float squared_percentile(std::span<const float> squared, double share, float guess, std::span<float> scratch) {
  const double position = share * static_cast<double>(squared.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  std::size_t count = 0;
  for (const float value : squared) {
    scratch[count] = value;
    count += value <= guess ? 1 : 0;
  }
  if (count < std::min(squared.size(), below + 2)) {
    std::copy(squared.begin(), squared.end(), scratch.begin());
    count = squared.size();
  }
  const auto at = scratch.begin() + static_cast<std::ptrdiff_t>(below);
  const auto end = scratch.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(scratch.begin(), at, end);
  const double low = std::sqrt(*at);
  const double high = below + 1 < count ? std::sqrt(*std::min_element(at + 1, end)) : low;
  const double distance = low + (position - static_cast<double>(below)) * (high - low);
  return static_cast<float>(distance * distance);
}

// [states of a] how near a state of b must be to be a neighbour.
std::vector<float> neighbourhood(const Matrix<float>& a, const Matrix<float>& b, const QmaxOptions& options,
                                 ThreadPool& pool) {
  constexpr float kMargin = 1.3F;  // the limit of the next state is seldom farther off
  const std::size_t states = a.rows() - options.embedding * options.delay;
  std::vector<float> limits(states);
  parallel_for(pool, states, 256, [&](std::size_t first, std::size_t last) {
    StateDistances distances(a, b, options);
    std::vector<float> row(distances.states()), scratch(distances.states() + 1);
    for (std::size_t i = first; i < last; ++i) {
      distances.of_state(i, row);
      limits[i] = squared_percentile(row, options.neighbours, i > first ? kMargin * limits[i - 1] : 0.0F, scratch);
    }
  });
  return limits;
}

// The recursion of Qmax over the rows of the cross recurrence plot; the last three are alive.
class QmaxSweep {
 public:
  QmaxSweep(std::size_t columns, const QmaxOptions& options)
      : onset_penalty_(static_cast<float>(options.onset_penalty)),
        extension_penalty_(static_cast<float>(options.extension_penalty)),
        sums_(3, std::vector<float>(columns)),
        left_(3, std::vector<float>(columns)),
        largest_(columns) {}

  // near[j]: whether the row's state and state j are neighbours.
  void add_row(std::span<const std::uint8_t> near) {
    std::rotate(sums_.begin(), sums_.end() - 1, sums_.end());
    std::rotate(left_.begin(), left_.end() - 1, left_.end());
    std::fill(sums_[0].begin(), sums_[0].end(), 0.0F);
    std::fill(left_[0].begin(), left_[0].end(), 0.0F);
    if (++rows_ < 3) return;  // the recursion looks two rows and columns back
    const float *sum1 = sums_[1].data(), *sum2 = sums_[2].data(), *left1 = left_[1].data(), *left2 = left_[2].data();
    float *sum = sums_[0].data(), *left = left_[0].data(), *largest = largest_.data();
    for (std::size_t j = 2; j < near.size(); ++j) {  // no branches: the compiler makes vectors of it
      const float longer = larger(larger(sum1[j - 1], sum2[j - 1]), sum1[j - 2]) + 1.0F;
      const float broken = larger(larger(larger(0.0F, left1[j - 1]), left2[j - 1]), left1[j - 2]);
      const bool is_near = near[j] != 0;
      sum[j] = is_near ? longer : broken;
      left[j] = sum[j] - (is_near ? onset_penalty_ : extension_penalty_);
      largest[j] = larger(largest[j], sum[j]);
    }
  }
  [[nodiscard]] float largest() const { return *std::max_element(largest_.begin(), largest_.end()); }

 private:
  static float larger(float a, float b) { return a < b ? b : a; }

  float onset_penalty_, extension_penalty_;
  std::vector<std::vector<float>> sums_;  // [3][columns] this row, the last, the one before
  std::vector<std::vector<float>> left_;  // [3][columns] the same less the penalty for going on without a match
  std::vector<float> largest_;            // [columns] of all rows
  std::size_t rows_ = 0;
};

bool is_silent(const Matrix<float>& profiles) {
  return std::all_of(profiles.flat().begin(), profiles.flat().end(), [](float value) { return value == 0.0F; });
}

float qmax(const Matrix<float>& song, const Matrix<float>& cover, const QmaxOptions& options, ThreadPool& pool) {
  constexpr std::size_t kTile = 512, kBlock = 128;  // rows of the plot that are alive, and that a thread takes
  const std::vector<float> near_song = neighbourhood(song, cover, options, pool);
  const std::vector<float> near_cover = neighbourhood(cover, song, options, pool);
  const std::size_t rows = near_song.size(), columns = near_cover.size();
  Matrix<std::uint8_t> plot(std::min(kTile, rows), columns);
  QmaxSweep sweep(columns, options);
  for (std::size_t tile = 0; tile < rows; tile += kTile) {
    const std::size_t count = std::min(kTile, rows - tile);
    parallel_for(pool, count, kBlock, [&](std::size_t first, std::size_t last) {
      StateDistances distances(song, cover, options);
      std::vector<float> row(columns);
      for (std::size_t i = first; i < last; ++i) {
        distances.of_state(tile + i, row);
        const float near = near_song[tile + i];
        std::uint8_t* out = plot.row(i).data();
        for (std::size_t j = 0; j < columns; ++j) out[j] = row[j] <= std::min(near, near_cover[j]) ? 1 : 0;
      }
    });
    for (std::size_t i = 0; i < count; ++i) sweep.add_row(plot.row(i));
  }
  return sweep.largest();
}

}  // namespace

Measure qmax_distance(const Matrix<float>& song, const Matrix<float>& cover, ThreadPool& pool,
                      const QmaxOptions& options) {
  const std::size_t needed = options.embedding * options.delay + 2;
  if (song.rows() < needed || cover.rows() < needed)
    return Measure::undefined("too short for a comparison of passages");
  if (is_silent(song)) return Measure::undefined("the song is silent");
  if (is_silent(cover)) return Measure::undefined("the cover is silent");
  const Matrix<float> in_key = options.transpose ? transposed(cover, optimal_transposition(song, cover)) : cover;
  const float longest = qmax(song, in_key, options, pool);
  if (longest <= 0.0F) return Measure::undefined("no passage of the song recurs in the cover");
  const auto states = static_cast<double>(cover.rows() - options.embedding * options.delay);
  return std::sqrt(states) / longest;
}

}  // namespace pop2piano
