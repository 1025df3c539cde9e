// SPDX-License-Identifier: MIT
#include "listening/rhythm/bar_evidence.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "listening/rhythm/beat_input.h"

namespace pop2piano {
namespace {

constexpr std::array<std::size_t, 3> kReaches{1, 2, 4};  // beats
constexpr std::ptrdiff_t kAround = 12;                   // beats to either side that a change stands out of
constexpr float kLimit = 4.0F;                           // standard deviations
constexpr std::size_t kClasses = 12;

// Pitch classes from column `first` on, summed from each beat to the next, of length 1; 0 in silence. [beats, 12]
Matrix<float> classes_on_beats(Span2D<const std::uint8_t> harmony, std::size_t first,
                               std::span<const std::size_t> frames, double frames_per_row) {
  Matrix<float> classes(frames.size(), kClasses, 0.0F);
  const auto row_of = [&](double frame) {
    return std::min(harmony.rows(), static_cast<std::size_t>(std::lround(frame / frames_per_row)));
  };
  for (std::size_t b = 0; b < frames.size(); ++b) {
    const auto begin = static_cast<double>(frames[b]);
    const std::size_t interval = b + 1 < frames.size() ? frames[b + 1] - frames[b]
                                 : b > 0               ? frames[b] - frames[b - 1]
                                                       : 1;
    const auto row = classes.row(b);
    for (std::size_t t = row_of(begin); t < row_of(begin + static_cast<double>(interval)); ++t) {
      for (std::size_t c = 0; c < kClasses; ++c) row[c] += static_cast<float>(harmony(t, first + c));
    }
    float square = 0;
    for (const float value : row) square += value * value;
    if (square <= 0) continue;
    for (float& value : row) value /= std::sqrt(square);
  }
  return classes;
}

// Silence is like everything: it says nothing of changes.
float similarity(std::span<const float> a, std::span<const float> b) {
  float product = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return aa > 0 && bb > 0 ? product / std::sqrt(aa * bb) : 1.0F;
}

// 1 less the cosine of the sums over `reach` beats before and after each beat; fewer at the ends. [beats]
std::vector<float> changes(const Matrix<float>& classes, std::size_t reach) {
  std::vector<float> result(classes.rows(), 0.0F);
  for (std::size_t b = 1; b < classes.rows(); ++b) {
    std::array<float, kClasses> before{}, after{};
    for (std::size_t k = 0; k < std::min({reach, b, classes.rows() - b}); ++k) {
      for (std::size_t c = 0; c < kClasses; ++c) {
        before[c] += classes(b - 1 - k, c);
        after[c] += classes(b + k, c);
      }
    }
    result[b] = 1 - similarity(before, after);
  }
  return result;
}

// How far each value stands out of those around it, in standard deviations, into a column.
void stand_out(const std::vector<float>& values, std::size_t column, Matrix<float>& inputs) {
  const auto beats = static_cast<std::ptrdiff_t>(values.size());
  std::vector<double> sums(values.size() + 1, 0.0);
  for (std::size_t b = 0; b < values.size(); ++b) sums[b + 1] = sums[b] + static_cast<double>(values[b]);
  double square = 0;
  for (std::ptrdiff_t b = 0; b < beats; ++b) {
    const auto first = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, b - kAround));
    const auto end = static_cast<std::size_t>(std::min(beats, b + kAround + 1));
    const auto i = static_cast<std::size_t>(b);
    const double above = static_cast<double>(values[i]) - (sums[end] - sums[first]) / static_cast<double>(end - first);
    inputs(i, column) = static_cast<float>(above);
    square += above * above / static_cast<double>(beats);
  }
  constexpr float kNothing = 1e-4F;  // of a cosine: what a drone changes by rounding
  const auto deviation = static_cast<float>(std::sqrt(square));
  for (std::size_t b = 0; b < values.size(); ++b) {
    float& input = inputs(b, column);
    input = deviation > kNothing ? std::clamp(input / deviation, -kLimit, kLimit) : 0.0F;
  }
}

// A beat of a metre; its bar goes on with `next`.
struct Count {
  int metre, number;
  std::size_t next;
  float cost;  // of the bar that begins
};

std::vector<Count> counts_of(const BeatDecoderOptions& options) {
  std::vector<Count> counts;
  for (std::size_t m = 0; m < options.metres.size(); ++m) {
    const int metre = options.metres[m];
    const std::size_t first = counts.size();
    for (int number = 1; number <= metre; ++number) {
      const std::size_t next = number == metre ? first : counts.size() + 1;
      const double cost = number == 1 && m < options.metre_costs.size() ? options.metre_costs[m] : 0.0;
      counts.push_back({.metre = metre, .number = number, .next = next, .cost = static_cast<float>(cost)});
    }
  }
  return counts;
}

// Scores of all counts one beat later, and where each came from.
void step(const std::vector<Count>& counts, double metre_change, double short_bar, std::vector<float>& scores,
          std::span<std::size_t> origins) {
  std::vector<float> after(counts.size(), -1e30F);
  const auto reach = [&](std::size_t to, std::size_t from, double cost) {
    const float score = scores[from] - static_cast<float>(cost);
    if (score <= after[to]) return;
    after[to] = score;
    origins[to] = from;
  };
  for (std::size_t from = 0; from < counts.size(); ++from) reach(counts[from].next, from, 0);
  for (std::size_t to = 0; to < counts.size(); ++to) {
    if (counts[to].number != 1) continue;
    for (std::size_t from = 0; from < counts.size(); ++from) {
      const bool whole = counts[from].number == counts[from].metre, same = counts[from].metre == counts[to].metre;
      if (whole && same) continue;
      reach(to, from, whole ? metre_change : same ? short_bar : short_bar + metre_change);
    }
  }
  scores.swap(after);
}

}  // namespace

Matrix<float> bar_inputs(Span2D<const std::uint8_t> harmony, const BeatEvidence& evidence,
                         std::span<const std::size_t> frames) {
  Matrix<float> inputs(frames.size(), kBarInputs, 0.0F);
  for (std::size_t b = 0; b < frames.size(); ++b) {
    inputs(b, 0) = 1;
    inputs(b, 1) = frames[b] < evidence.frames() ? evidence.downbeat[frames[b]] : 0.0F;
  }
  const double frames_per_row = evidence.frame_rate / kBeatInputRate * static_cast<double>(kFramesPerHarmony);
  std::size_t column = 2;
  for (const std::size_t first : {kHarmonyChanges + kClasses, kHarmonyChanges}) {  // chords, bass
    const auto classes = classes_on_beats(harmony, first, frames, frames_per_row);
    for (const std::size_t reach : kReaches) stand_out(changes(classes, reach), column++, inputs);
  }
  return inputs;
}

void weigh_downbeats(const Matrix<float>& inputs, const BarSearch& search, std::span<const std::size_t> frames,
                     BeatEvidence& evidence) {
  const auto odds_of_share = static_cast<float>(std::log(search.downbeat_share / (1 - search.downbeat_share)));
  for (std::size_t b = 0; b < frames.size(); ++b) {
    if (frames[b] >= evidence.frames()) continue;
    float odds = -odds_of_share;
    for (std::size_t i = 0; i < kBarInputs; ++i) odds += search.weights[i] * inputs(b, i);
    evidence.downbeat[frames[b]] = odds;
  }
}

void count_bars(const BeatEvidence& evidence, const BeatDecoderOptions& options, double short_bar,
                DecodedBeats& decoded) {
  auto& beats = decoded.beats;
  if (beats.empty()) return;
  const std::vector<Count> counts = counts_of(options);
  Matrix<std::size_t> origins(beats.size(), counts.size(), 0);
  std::vector<float> scores(counts.size(), 0.0F);
  for (std::size_t b = 0; b < beats.size(); ++b) {
    if (b > 0) step(counts, options.metre_change, short_bar, scores, origins.row(b));
    for (std::size_t s = 0; s < counts.size(); ++s)
      scores[s] += place_in_bar(evidence, beats[b].frame, counts[s].metre, counts[s].number) - counts[s].cost;
  }
  auto at = static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  for (std::size_t b = beats.size(); b-- > 0;) {
    beats[b].number = counts[at].number;
    beats[b].metre = counts[at].metre;
    at = origins(b, at);
  }
}

}  // namespace pop2piano
