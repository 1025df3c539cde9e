// SPDX-License-Identifier: MIT
#include "listening/align/passages.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>

namespace pop2piano {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

Matrix<float> of_length_one(const Matrix<float>& profiles) {
  Matrix<float> result(profiles.rows(), profiles.columns());
  for (std::size_t k = 0; k < profiles.rows(); ++k) {
    float energy = 0.0F;
    for (const float value : profiles.row(k)) energy += value * value;
    if (energy <= 0.0F) continue;
    const float scale = 1.0F / std::sqrt(energy);
    for (std::size_t c = 0; c < profiles.columns(); ++c) result(k, c) = profiles(k, c) * scale;
  }
  return result;
}

float product(std::span<const float> a, std::span<const float> b) {
  float sum = 0.0F;
  for (std::size_t c = 0; c < a.size(); ++c) sum += a[c] * b[c];
  return sum;
}

bool silent(std::span<const float> row) {
  return std::ranges::all_of(row, [](float value) { return value == 0.0F; });
}

// What counts as nothing, of up to 200 frames of the cover and 400 of the song, evenly spread.
float level_of(const Matrix<float>& cover, const Matrix<float>& song, float share) {
  const std::size_t rows = std::max<std::size_t>(1, cover.rows() / 200);
  const std::size_t columns = std::max<std::size_t>(1, song.rows() / 400);
  double sum = 0.0, whole = 0.0, count = 0.0;
  std::vector<float> all;
  for (std::size_t i = 0; i < cover.rows(); i += rows, count += 1.0) {
    all.clear();
    for (std::size_t j = 0; j < song.rows(); j += columns) all.push_back(product(cover.row(i), song.row(j)));
    whole += std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size());
    const auto at = all.begin() + static_cast<std::ptrdiff_t>(share * static_cast<float>(all.size() - 1));
    std::nth_element(all.begin(), at, all.end());
    sum += static_cast<double>(*at);
  }
  const double mean = whole / std::max(1.0, count), rare = sum / std::max(1.0, count);
  return static_cast<float>(std::min(rare, mean + 0.4 * (1.0 - mean)));
}

// Where the best way to a place comes from.
enum class From : std::uint8_t { away, straight, slow, fast, elsewhere };
struct Origin {
  From from = From::away;
  std::uint32_t column = 0;  // of the frame before, where it is elsewhere
};

// The search, one frame of the cover after the other. `Kept` says whether the ways are kept.
class PassageSearch {
 public:
  PassageSearch(const Matrix<float>& cover, const Matrix<float>& song, const PassageOptions& options, bool kept)
      : cover_(of_length_one(cover)), song_(of_length_one(song)), options_(options), kept_(kept) {
    level_ = options.level ? *options.level : level_of(cover_, song_, options.share);
    for (std::size_t j = 0; j < song_.rows(); ++j) silent_.push_back(silent(song_.row(j)));
    if (kept_) origins_.resize(cover_.rows() * song_.rows());
  }

  double solve() {
    std::vector<float> last(song_.rows(), kNever), before(song_.rows(), kNever), here(song_.rows());
    for (std::size_t i = 0; i < cover_.rows(); ++i) {
      likeness_before_.swap(likeness_);
      fill_likeness(i);
      fill_row(i, last, before, here);
      leave(here);
      before.swap(last);
      last.swap(here);
    }
    const float best = last.empty() ? 0.0F : *std::ranges::max_element(last);
    ends_away_ = best <= away_;
    if (!ends_away_) end_ = static_cast<std::size_t>(std::ranges::max_element(last) - last.begin());
    return static_cast<double>(std::max(best, away_));
  }

  [[nodiscard]] std::vector<WarpPath> paths() const {
    std::vector<WarpPath> result;
    WarpPath path;
    const auto close = [&] {
      if (path.size() > 1 && path.front().first - path.back().first + 1 >= options_.least) {
        std::reverse(path.begin(), path.end());
        result.push_back(path);
      }
      path.clear();
    };
    bool away = ends_away_;
    std::size_t j = end_;
    for (auto i = static_cast<std::ptrdiff_t>(cover_.rows()) - 1; i >= 0;) {
      const auto row = static_cast<std::size_t>(i);
      if (away) {
        away = left_[row] < 0;
        if (away)
          --i;
        else
          j = static_cast<std::size_t>(left_[row]);
        continue;
      }
      path.emplace_back(row, j);
      const Origin origin = origins_[row * song_.rows() + j];
      i -= origin.from == From::slow ? 2 : 1;
      if (origin.from == From::straight || origin.from == From::slow) j -= 1;
      if (origin.from == From::fast) j -= 2;
      if (origin.from == From::elsewhere) j = origin.column;
      away = origin.from == From::away;
      if (away || origin.from == From::elsewhere) close();
    }
    close();
    std::reverse(result.begin(), result.end());
    return result;
  }

 private:
  // Silence, in the cover or in the song, speaks neither for nor against a place.
  void fill_likeness(std::size_t i) {
    likeness_.resize(song_.rows());
    const bool rest = silent(cover_.row(i));
    for (std::size_t j = 0; j < song_.rows(); ++j) {
      likeness_[j] = rest || silent_[j] ? 0.0F : product(cover_.row(i), song_.row(j)) - level_;
    }
  }

  // `last`: gains up to the frame before, `before`: up to the one before that.
  void fill_row(std::size_t i, std::span<const float> last, std::span<const float> before, std::span<float> here) {
    const std::size_t columns = song_.rows();
    std::vector<std::uint32_t> later(columns);  // the best of `last` behind each column
    for (std::size_t j = columns; j-- > 1;) {
      later[j - 1] = j == columns - 1 || last[j] >= last[later[j]] ? static_cast<std::uint32_t>(j) : later[j];
    }
    std::uint32_t earlier = 0;  // the best of `last` before the column
    for (std::size_t j = 0; j < columns; ++j) {
      float best = away_ - options_.away;
      Origin origin;
      const auto take = [&](float gain, From from, std::uint32_t column = 0) {
        if (gain > best) best = gain, origin = {from, column};
      };
      if (j > 0) take(last[j - 1], From::straight);
      if (j > 1) take(last[j - 2] - options_.crooked, From::fast);
      if (j > 0 && i > 1) take(before[j - 1] + likeness_before_[j] - options_.crooked, From::slow);
      if (j > 0) take(last[earlier] - options_.forward, From::elsewhere, earlier);
      if (j + 1 < columns) take(last[later[j]] - options_.back, From::elsewhere, later[j]);
      here[j] = best + likeness_[j];
      if (kept_) origins_[i * columns + j] = origin;
      if (last[j] > last[earlier]) earlier = static_cast<std::uint32_t>(j);
    }
  }

  // The gain of being away after this frame.
  void leave(std::span<const float> here) {
    const auto best = std::ranges::max_element(here);
    const bool leaves = best != here.end() && *best - options_.away > away_;
    if (leaves) away_ = *best - options_.away;
    if (kept_) left_.push_back(leaves ? static_cast<std::int64_t>(best - here.begin()) : -1);
  }

  Matrix<float> cover_, song_;
  const PassageOptions& options_;
  bool kept_;
  float level_ = 0.0F, away_ = 0.0F;
  std::vector<float> likeness_, likeness_before_;  // [song frames] of this frame of the cover and the one before
  std::vector<Origin> origins_;                    // [cover frames, song frames]
  std::vector<std::int64_t> left_;                 // [cover frames] where the song was left after the frame, or -1
  std::vector<bool> silent_;                       // [song frames]
  bool ends_away_ = true;
  std::size_t end_ = 0;
};

}  // namespace

Passages find_passages(const Matrix<float>& cover, const Matrix<float>& song, const PassageOptions& options) {
  if (cover.rows() == 0 || song.rows() == 0) return {};
  PassageSearch search(cover, song, options, true);
  const double gain = search.solve();
  return {.paths = search.paths(), .gain = gain};
}

float nothing_level(const Matrix<float>& cover, const Matrix<float>& song, const PassageOptions& options) {
  if (cover.rows() == 0 || song.rows() == 0) return 0.0F;
  return level_of(of_length_one(cover), of_length_one(song), options.share);
}

double passage_gain(const Matrix<float>& cover, const Matrix<float>& song, const PassageOptions& options) {
  if (cover.rows() == 0 || song.rows() == 0) return 0.0;
  return PassageSearch(cover, song, options, false).solve();
}

}  // namespace pop2piano
