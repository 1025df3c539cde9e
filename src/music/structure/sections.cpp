// SPDX-License-Identifier: MIT
#include "music/structure/sections.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace pop2piano {
namespace {

constexpr int kLongest = 16;      // bars of a section
constexpr int kShortestLoop = 2;  // bars that come again within a section
constexpr double kAlike = 0.75;   // bars as like as this are alike, however like all others are
constexpr double kLeastDeviation = 0.05;
constexpr int kKernel = 8;        // bars to either side of a border whose novelty is measured
constexpr double kNovelty = 2.0;  // worth of a border, times its novelty in standard deviations
constexpr double kBorder = 4.0;   // cost of a section
constexpr double kReturn = 1.0;   // worth of a bar that returns, in standard deviations of the likeness above its mean

// What phrases of so many bars are worth: fours and eights are usual, odd numbers are not.
double worth_of_length(int bars) {
  if (bars == 8) return 1.5;
  if (bars % 8 == 0) return 1.2;
  if (bars % 4 == 0) return 0.6;
  if (bars % 2 == 0) return -0.6;
  return -1.8;
}

class Sections {
 public:
  explicit Sections(Span2D<const float> likeness) : likeness_(likeness), bars_(static_cast<int>(likeness.rows())) {
    measure_likeness();
    measure_novelty();
    measure_returns();
  }

  [[nodiscard]] std::vector<BarSection> find() const {
    std::vector<BarSection> sections = borders();
    name(sections);
    return sections;
  }

 private:
  [[nodiscard]] double like(int i, int j) const {
    return (likeness_(static_cast<std::size_t>(i), static_cast<std::size_t>(j)) - mean_) / deviation_;
  }

  // Mean and deviation over all pairs of different bars.
  void measure_likeness() {
    double sum = 0.0, squares = 0.0, count = 0.0;
    for (int i = 0; i < bars_; ++i) {
      for (int j = i + 1; j < bars_; ++j) {
        const double value = likeness_(static_cast<std::size_t>(i), static_cast<std::size_t>(j));
        sum += value;
        squares += value * value;
        count += 1.0;
      }
    }
    if (count == 0.0) return;
    const double mean = sum / count;
    mean_ = std::min(mean, kAlike);
    deviation_ = std::max(kLeastDeviation, std::sqrt(std::max(0.0, squares / count - mean * mean)));
  }

  // [bars] how different what follows is from what went before, in standard deviations above the mean.
  void measure_novelty() {
    novelty_.assign(static_cast<std::size_t>(bars_), 0.0);
    for (int at = 1; at < bars_; ++at) {
      double same = 0.0, across = 0.0, same_weight = 0.0, across_weight = 0.0;
      for (int i = -kKernel; i < kKernel; ++i) {
        for (int j = i + 1; j < kKernel; ++j) {
          if (at + i < 0 || at + j >= bars_) continue;
          const double weight = std::exp(-((i + 0.5) * (i + 0.5) + (j + 0.5) * (j + 0.5)) / (0.5 * kKernel * kKernel));
          ((i < 0) != (j < 0) ? across : same) += weight * like(at + i, at + j);
          ((i < 0) != (j < 0) ? across_weight : same_weight) += weight;
        }
      }
      if (same_weight > 0.0 && across_weight > 0.0)
        novelty_[static_cast<std::size_t>(at)] = same / same_weight - across / across_weight;
    }
    double sum = 0.0, squares = 0.0;
    for (const double value : novelty_) {
      sum += value;
      squares += value * value;
    }
    const double mean = sum / bars_, deviation = std::sqrt(std::max(1e-12, squares / bars_ - mean * mean));
    for (double& value : novelty_) value = (value - mean) / deviation;
  }

  // How well [a, a + n) returns at its best other place, or within itself after half its length or less.
  void measure_returns() {
    returns_.assign(static_cast<std::size_t>(bars_ * (kLongest + 1)), 0.0);
    for (int a = 0; a < bars_; ++a) {
      for (int lag = 1 - bars_; lag < bars_; ++lag) {
        double sum = 0.0;
        for (int n = 1; n <= kLongest && a + n <= bars_ && a + lag >= 0 && a + lag + n <= bars_; ++n) {
          sum += like(a + n - 1, a + lag + n - 1);
          if (std::abs(lag) >= n) keep_return(a, n, sum / n);
          if (lag >= kShortestLoop && n >= lag) keep_return(a, n + lag, sum / n);
        }
      }
    }
  }

  void keep_return(int first, int n, double value) {
    if (n > kLongest) return;
    double& best = returns_[static_cast<std::size_t>(first * (kLongest + 1) + n)];
    best = std::max(best, value);
  }

  [[nodiscard]] double worth(int first, int n) const {
    const double returns = returns_[static_cast<std::size_t>(first * (kLongest + 1) + n)];
    const double begins = first == 0 ? 0.0 : novelty_[static_cast<std::size_t>(first)];
    const bool edge = first == 0 || first + n == bars_;  // introductions and endings have any length
    const double length = edge ? std::max(0.0, worth_of_length(n)) : worth_of_length(n);
    return kReturn * returns * n + kNovelty * (begins + length) - kBorder;
  }

  [[nodiscard]] std::vector<BarSection> borders() const {
    std::vector<double> best(static_cast<std::size_t>(bars_) + 1, -std::numeric_limits<double>::infinity());
    std::vector<int> before(static_cast<std::size_t>(bars_) + 1, 0);
    best[0] = 0.0;
    for (int end = 1; end <= bars_; ++end) {
      for (int n = 1; n <= std::min(kLongest, end); ++n) {
        const double value = best[static_cast<std::size_t>(end - n)] + worth(end - n, n);
        if (value <= best[static_cast<std::size_t>(end)]) continue;
        best[static_cast<std::size_t>(end)] = value;
        before[static_cast<std::size_t>(end)] = n;
      }
    }
    std::vector<BarSection> sections;
    for (int end = bars_; end > 0; end -= before[static_cast<std::size_t>(end)])
      sections.push_back({end - before[static_cast<std::size_t>(end)], before[static_cast<std::size_t>(end)], 0});
    std::reverse(sections.begin(), sections.end());
    return sections;
  }

  // The mean along the diagonal on which they meet best, three quarters or more of them; a section of about twice the
  // length is compared with the other one played twice.
  [[nodiscard]] double likeness_of(const BarSection& a, const BarSection& b) const {
    if (a.bars > b.bars) return likeness_of(b, a);
    double best = -std::numeric_limits<double>::infinity();
    const int longest = b.bars;
    const bool twice = 2 * a.bars <= longest;
    for (int shift = twice ? 0 : -longest / 4; shift <= (twice ? 0 : longest / 4); ++shift) {
      double sum = 0.0;
      int count = 0;
      for (int i = 0; i < longest; ++i) {
        const int j = twice ? i % a.bars : i + shift;
        if (j < 0 || j >= a.bars) continue;
        sum += like(a.first + j, b.first + i);
        ++count;
      }
      if (4 * count >= 3 * longest) best = std::max(best, sum / count);
    }
    return best;
  }

  // Average linkage: the two groups most alike become one while they are alike enough.
  void name(std::vector<BarSection>& sections) const {
    const std::size_t count = sections.size();
    std::vector<int> group(count);
    std::iota(group.begin(), group.end(), 0);
    Matrix<double> like(count, count);
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t j = 0; j < count; ++j) like(i, j) = likeness_of(sections[i], sections[j]);
    }
    while (join_best(group, like)) {
    }
    std::vector<int> letters(count, -1);
    int next = 0;
    for (std::size_t i = 0; i < count; ++i) {
      int& letter = letters[static_cast<std::size_t>(group[i])];
      if (letter < 0) letter = next++;
      sections[i].letter = letter;
    }
  }

  static bool join_best(std::vector<int>& group, const Matrix<double>& like) {
    constexpr double kSame = 0.8;  // standard deviations above the mean likeness of bars
    const auto count = static_cast<int>(group.size());
    double best = kSame;
    std::pair<int, int> pair{-1, -1};
    for (int a = 0; a < count; ++a) {
      for (int b = a + 1; b < count; ++b) {
        double sum = 0.0, pairs = 0.0;
        for (std::size_t i = 0; i < group.size(); ++i) {
          for (std::size_t j = 0; j < group.size(); ++j) {
            if (group[i] != a || group[j] != b) continue;
            sum += std::max(like(i, j), -10.0);
            pairs += 1.0;
          }
        }
        if (pairs == 0.0 || sum / pairs <= best) continue;
        best = sum / pairs;
        pair = {a, b};
      }
    }
    if (pair.first < 0) return false;
    for (int& g : group) g = g == pair.second ? pair.first : g;
    return true;
  }

  Span2D<const float> likeness_;
  int bars_;
  double mean_ = 0.0, deviation_ = 1.0;
  std::vector<double> novelty_;  // [bars]
  std::vector<double> returns_;  // [bars, kLongest + 1]
};

}  // namespace

std::vector<BarSection> find_sections(Span2D<const float> likeness) {
  if (likeness.rows() == 0) return {};
  return Sections(likeness).find();
}

}  // namespace pop2piano
