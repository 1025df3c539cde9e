// SPDX-License-Identifier: MIT
#include "listening/align/tempo_path.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/core/matrix.h"

namespace pop2piano {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();
constexpr int kTempos = 2;  // that a tempo may move by, to either side
constexpr int kPlaces = 1;  // steps that an onset may be early or late

// Gains of one onset: [places, tempos].
using Gains = Matrix<float>;

class TempoSearch {
 public:
  TempoSearch(std::span<const double> onsets, std::span<const double> rough, const TempoPathOptions& options)
      : onsets_(onsets),
        rough_(rough),
        options_(options),
        side_(static_cast<std::ptrdiff_t>(std::lround(options.reach / options.step))) {
    for (double tempo = options.slowest; tempo <= options.fastest; tempo *= 1.0 + options.tempo_step) {
      tempos_.push_back(tempo);
    }
  }

  std::vector<double> solve(const OnsetLikeness& likeness) {
    Gains last(places(), tempos_.size(), 0.0F), here(places(), tempos_.size());
    moves_.assign(onsets_.size(), Matrix<std::uint8_t>(places(), tempos_.size()));
    for (std::size_t k = 0; k < onsets_.size(); ++k) {
      if (k > 0) go_on(k, last, here);
      for (std::size_t p = 0; p < places(); ++p) {
        const float worth = likeness(k, seconds(k, static_cast<std::ptrdiff_t>(p)));
        for (float& gain : (k > 0 ? here : last).row(p)) gain += worth;
      }
      if (k > 0) last = here;
    }
    return trace_back(last);
  }

 private:
  [[nodiscard]] std::size_t places() const { return static_cast<std::size_t>(2 * side_ + 1); }
  [[nodiscard]] double seconds(std::size_t k, std::ptrdiff_t place) const {
    return rough_[k] + static_cast<double>(place - side_) * options_.step;
  }
  // The place of onset k - 1 from which this place is reached at a tempo.
  [[nodiscard]] std::ptrdiff_t place_before(std::size_t k, std::size_t place, std::size_t tempo) const {
    const double before =
        seconds(k, static_cast<std::ptrdiff_t>(place)) - (onsets_[k] - onsets_[k - 1]) * tempos_[tempo];
    return std::lround((before - rough_[k - 1]) / options_.step) + side_;
  }
  static std::uint8_t code(int tempo, int place) {
    return static_cast<std::uint8_t>((tempo + kTempos) * (2 * kPlaces + 1) + place + kPlaces);
  }
  static int tempo_of(std::uint8_t code) { return code / (2 * kPlaces + 1) - kTempos; }
  static int place_of(std::uint8_t code) { return code % (2 * kPlaces + 1) - kPlaces; }

  void go_on(std::size_t k, const Gains& last, Gains& here) {
    for (std::size_t p = 0; p < places(); ++p) {
      for (std::size_t t = 0; t < tempos_.size(); ++t) here(p, t) = best_before(k, p, t, last);
    }
  }

  // The tempo changes after onset k - 1, so that the way to k is played at tempo t.
  float best_before(std::size_t k, std::size_t p, std::size_t t, const Gains& last) {
    const std::ptrdiff_t from = place_before(k, p, t);
    float best = kNever;
    for (int place = -kPlaces; place <= kPlaces; ++place) {
      const std::ptrdiff_t at = from + place;
      if (at < 0 || at >= static_cast<std::ptrdiff_t>(places())) continue;
      for (int tempo = -kTempos; tempo <= kTempos; ++tempo) {
        const std::ptrdiff_t other = static_cast<std::ptrdiff_t>(t) + tempo;
        if (other < 0 || other >= std::ssize(tempos_)) continue;
        const auto price = static_cast<float>(options_.change * tempo * tempo + options_.early_or_late * place * place);
        const float gain = last(static_cast<std::size_t>(at), static_cast<std::size_t>(other)) - price;
        if (gain > best) best = gain, moves_[k](p, t) = code(tempo, place);
      }
    }
    return best;
  }

  [[nodiscard]] std::vector<double> trace_back(const Gains& last) const {
    std::vector<double> path(onsets_.size());
    if (path.empty()) return path;
    const auto flat = last.flat();
    const auto best = static_cast<std::size_t>(std::ranges::max_element(flat) - flat.begin());
    std::size_t p = best / tempos_.size(), t = best % tempos_.size();
    for (std::size_t k = onsets_.size(); k-- > 0;) {
      path[k] = seconds(k, static_cast<std::ptrdiff_t>(p));
      if (k == 0) break;
      const std::uint8_t move = moves_[k](p, t);
      p = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(place_before(k, p, t) + place_of(move), 0, 2 * side_));
      t = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(t) + tempo_of(move));
    }
    for (std::size_t k = 1; k < path.size(); ++k) path[k] = std::max(path[k], path[k - 1]);
    return path;
  }

  std::span<const double> onsets_, rough_;
  const TempoPathOptions& options_;
  std::ptrdiff_t side_;
  std::vector<double> tempos_;
  std::vector<Matrix<std::uint8_t>> moves_;  // [onsets][places, tempos]
};

}  // namespace

std::vector<double> tempo_path(std::span<const double> onsets, std::span<const double> rough,
                               const OnsetLikeness& likeness, const TempoPathOptions& options) {
  return TempoSearch(onsets, rough, options).solve(likeness);
}

}  // namespace pop2piano
