// SPDX-License-Identifier: MIT
#include "music/notation/sections.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "music/score/bars.h"

namespace pop2piano {
namespace {

constexpr std::size_t kChroma = 12, kRhythm = 8, kTexture = 4;
constexpr std::size_t kFeatures = kChroma + kRhythm + kTexture;
constexpr int kKernel = 8;          // bars to either side of a border
constexpr int kLeastBars = 4;       // of a part
constexpr int kPhrase = 4;          // bars; parts like to last a multiple of it
constexpr double kOffPhrase = 0.8;  // factor of the novelty of other lengths
constexpr double kThreshold = 0.5;  // standard deviations above the mean

using BarFeatures = std::array<double, kFeatures>;

struct BarOfSong {
  Bar bar;
  BarFeatures features{};
};

std::vector<BarOfSong> bars_of(std::span<const Note> notes, const BeatGrid& grid) {
  int first = notes.front().onset, last = notes.front().onset;
  for (const Note& note : notes) {
    first = std::min(first, note.onset);
    last = std::max(last, note.onset);
  }
  std::vector<BarOfSong> bars;
  for (const Bar& bar : bars_between(grid, bar_start(grid, beat_of_step(first)), beat_of_step(last) + 1)) {
    bars.push_back({bar, {}});
  }
  return bars;
}

/// Notes counted into a bar: pitch classes, onsets over the bar, melody and accompaniment by number and height.
void add_note(BarOfSong& bar, const Note& note) {
  BarFeatures& f = bar.features;
  f[static_cast<std::size_t>(note.pitch % 12)] += std::min(note.duration, 2 * kStepsPerBeat);
  const int length = bar.bar.beats * kStepsPerBeat;
  const int place = note.onset - bar.bar.first_beat * kStepsPerBeat;
  f[kChroma + static_cast<std::size_t>(
                  std::clamp(place * static_cast<int>(kRhythm) / length, 0, static_cast<int>(kRhythm) - 1))] += 1.0;
  const std::size_t voice = kChroma + kRhythm + (note.voice == Voice::melody ? 0U : 2U);
  f[voice] += 1.0;
  f[voice + 1] += note.pitch;
}

/// Chroma and rhythm to length one; the texture to standard deviations over the song.
void normalise(std::vector<BarOfSong>& bars) {
  for (BarOfSong& bar : bars) {
    const auto scale = [&](std::size_t from, std::size_t count) {
      double power = 0.0;
      for (std::size_t i = from; i < from + count; ++i) power += bar.features[i] * bar.features[i];
      for (std::size_t i = from; i < from + count; ++i) bar.features[i] /= std::max(1e-9, std::sqrt(power));
    };
    scale(0, kChroma);
    scale(kChroma, kRhythm);
    for (const std::size_t voice : {kChroma + kRhythm, kChroma + kRhythm + 2}) {
      const double count = bar.features[voice];
      bar.features[voice + 1] = count > 0.0 ? bar.features[voice + 1] / count : 0.0;
    }
  }
  for (std::size_t i = kChroma + kRhythm; i < kFeatures; ++i) {
    double sum = 0.0, squares = 0.0;
    for (const BarOfSong& bar : bars) sum += bar.features[i];
    const double mean = sum / static_cast<double>(bars.size());
    for (const BarOfSong& bar : bars) squares += (bar.features[i] - mean) * (bar.features[i] - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(bars.size()));
    for (BarOfSong& bar : bars) bar.features[i] = deviation > 1e-9 ? (bar.features[i] - mean) / deviation : 0.0;
  }
}

/// 0 (nothing in common) to 1.
double similarity(const BarFeatures& a, const BarFeatures& b) {
  double chroma = 0.0, rhythm = 0.0, texture = 0.0;
  for (std::size_t i = 0; i < kChroma; ++i) chroma += a[i] * b[i];
  for (std::size_t i = kChroma; i < kChroma + kRhythm; ++i) rhythm += a[i] * b[i];
  for (std::size_t i = kChroma + kRhythm; i < kFeatures; ++i) texture += (a[i] - b[i]) * (a[i] - b[i]);
  return 0.3 * chroma + 0.2 * rhythm + 0.5 * std::exp(-0.25 * texture);
}

/// [bars] how different what follows is from what went before: a Gaussian checkerboard along the diagonal.
std::vector<double> novelty(const std::vector<BarOfSong>& bars) {
  const auto count = static_cast<int>(bars.size());
  std::vector<double> curve(bars.size(), 0.0);
  const auto features = [&](int index) -> const BarFeatures& { return bars[static_cast<std::size_t>(index)].features; };
  for (int at = 1; at < count; ++at) {
    double same = 0.0, across = 0.0, same_weight = 0.0, across_weight = 0.0;
    for (int i = -kKernel; i < kKernel; ++i) {
      for (int j = i + 1; j < kKernel; ++j) {
        if (at + i < 0 || at + j >= count) continue;
        const double weight = std::exp(-((i + 0.5) * (i + 0.5) + (j + 0.5) * (j + 0.5)) / (0.5 * kKernel * kKernel));
        const double value = weight * similarity(features(at + i), features(at + j));
        const bool sides = (i < 0) != (j < 0);
        (sides ? across : same) += value;
        (sides ? across_weight : same_weight) += weight;
      }
    }
    if (same_weight <= 0.0 || across_weight <= 0.0) continue;
    curve[static_cast<std::size_t>(at)] = std::max(0.0, same / same_weight - across / across_weight);
  }
  return curve;
}

/// Borders from the strongest down, none within kLeastBars of another; lengths of whole phrases are preferred.
std::vector<int> pick(const std::vector<double>& curve) {
  double sum = 0.0, squares = 0.0;
  for (const double value : curve) {
    sum += value;
    squares += value * value;
  }
  const double mean = sum / static_cast<double>(curve.size());
  const double deviation = std::sqrt(std::max(0.0, squares / static_cast<double>(curve.size()) - mean * mean));
  std::vector<int> borders = {0};
  std::vector<bool> taken(curve.size(), false);
  const auto close = [&](int bar) {
    for (int i = std::max(0, bar - kLeastBars + 1); i < std::min(std::ssize(curve), std::ptrdiff_t{bar} + kLeastBars);
         ++i) {
      taken[static_cast<std::size_t>(i)] = true;
    }
  };
  close(0);
  close(static_cast<int>(curve.size()) - 1);
  while (true) {
    int best = -1;
    double most = mean + kThreshold * deviation;
    for (int bar = 0; bar < static_cast<int>(curve.size()); ++bar) {
      if (taken[static_cast<std::size_t>(bar)]) continue;
      const bool whole = std::any_of(borders.begin(), borders.end(),
                                     [&](int border) { return border > 0 && (bar - border) % kPhrase == 0; });
      const double value = curve[static_cast<std::size_t>(bar)] * (whole || borders.size() == 1 ? 1.0 : kOffPhrase);
      if (value <= most) continue;
      best = bar;
      most = value;
    }
    if (best < 0) break;
    borders.push_back(best);
    close(best);
  }
  std::sort(borders.begin(), borders.end());
  return borders;
}

}  // namespace

std::vector<int> section_starts(std::span<const Note> notes, const BeatGrid& grid) {
  if (notes.empty()) return {};
  std::vector<BarOfSong> bars = bars_of(notes, grid);
  if (static_cast<int>(bars.size()) < 2 * kLeastBars) return {};
  for (const Note& note : notes) {
    const int beat = beat_of_step(note.onset);
    const auto after = std::upper_bound(bars.begin(), bars.end(), beat,
                                        [](int value, const BarOfSong& bar) { return value < bar.bar.first_beat; });
    if (after != bars.begin()) add_note(*std::prev(after), note);
  }
  normalise(bars);
  std::vector<int> starts;
  for (const int border : pick(novelty(bars))) starts.push_back(bars[static_cast<std::size_t>(border)].bar.first_beat);
  return starts;
}

}  // namespace pop2piano
