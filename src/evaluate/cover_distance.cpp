// SPDX-License-Identifier: MIT
#include "evaluate/cover_distance.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "evaluate/hpcp.h"

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

// The distance below which a share of all lies, between two order statistics as NumPy's percentile; squared.
float squared_percentile(std::span<float> squared, double share) {
  const double position = share * static_cast<double>(squared.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const auto at = squared.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(squared.begin(), at, squared.end());
  const double low = std::sqrt(*at);
  const double high = below + 1 < squared.size() ? std::sqrt(*std::min_element(at + 1, squared.end())) : low;
  const double distance = low + (position - static_cast<double>(below)) * (high - low);
  return static_cast<float>(distance * distance);
}

// [states of a] how near a state of b must be to be a neighbour.
std::vector<float> neighbourhood(const Matrix<float>& a, const Matrix<float>& b, const QmaxOptions& options,
                                 ThreadPool& pool) {
  const std::size_t states = a.rows() - options.embedding * options.delay;
  std::vector<float> limits(states);
  parallel_for(pool, states, 256, [&](std::size_t first, std::size_t last) {
    StateDistances distances(a, b, options);
    std::vector<float> row(distances.states());
    for (std::size_t i = first; i < last; ++i) {
      distances.of_state(i, row);
      limits[i] = squared_percentile(row, options.neighbours);
    }
  });
  return limits;
}

// The cross recurrence plot and Qmax in one sweep; three rows of each are alive.
class QmaxSweep {
 public:
  QmaxSweep(std::size_t columns, const QmaxOptions& options)
      : options_(options), sums_(3, std::vector<float>(columns)), near_(3, std::vector<std::uint8_t>(columns)) {}

  std::span<std::uint8_t> next_row() {
    std::rotate(near_.begin(), near_.end() - 1, near_.end());
    std::rotate(sums_.begin(), sums_.end() - 1, sums_.end());
    std::fill(sums_[0].begin(), sums_[0].end(), 0.0F);
    ++rows_;
    return near_[0];
  }
  void finish_row() {
    if (rows_ < 3) return;  // the recursion looks two rows and columns back
    const auto kept = [&](std::size_t row, std::size_t column) {
      const double penalty = near_[row][column] != 0 ? options_.onset_penalty : options_.extension_penalty;
      return sums_[row][column] - static_cast<float>(penalty);
    };
    for (std::size_t j = 2; j < sums_[0].size(); ++j) {
      float& sum = sums_[0][j];
      if (near_[0][j] != 0) {
        sum = std::max({sums_[1][j - 1], sums_[2][j - 1], sums_[1][j - 2]}) + 1.0F;
      } else {
        sum = std::max({0.0F, kept(1, j - 1), kept(2, j - 1), kept(1, j - 2)});
      }
      largest_ = std::max(largest_, sum);
    }
  }
  [[nodiscard]] float largest() const { return largest_; }

 private:
  const QmaxOptions& options_;
  std::vector<std::vector<float>> sums_;         // [3][columns] this row, the last, the one before
  std::vector<std::vector<std::uint8_t>> near_;  // [3][columns]
  std::size_t rows_ = 0;
  float largest_ = 0.0F;
};

bool is_silent(const Matrix<float>& profiles) {
  return std::all_of(profiles.flat().begin(), profiles.flat().end(), [](float value) { return value == 0.0F; });
}

float qmax(const Matrix<float>& song, const Matrix<float>& cover, const QmaxOptions& options, ThreadPool& pool) {
  const std::vector<float> near_song = neighbourhood(song, cover, options, pool);
  const std::vector<float> near_cover = neighbourhood(cover, song, options, pool);
  StateDistances distances(song, cover, options);
  std::vector<float> row(distances.states());
  QmaxSweep sweep(row.size(), options);
  for (std::size_t i = 0; i < near_song.size(); ++i) {
    distances.of_state(i, row);
    const std::span<std::uint8_t> near = sweep.next_row();
    for (std::size_t j = 0; j < row.size(); ++j) near[j] = row[j] <= near_song[i] && row[j] <= near_cover[j] ? 1 : 0;
    sweep.finish_row();
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
