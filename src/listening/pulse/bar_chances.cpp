// SPDX-License-Identifier: MIT
#include "listening/pulse/bar_chances.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/core/matrix.h"

namespace pop2piano {
namespace {

struct State {
  int metre, number;
  std::size_t next;     // place of the following beat
  double cost, begins;  // of a bar; chance that a count begins here
};

std::vector<State> states_of(const BarModel& model) {
  std::vector<State> states;
  for (std::size_t m = 0; m < model.metres.size(); ++m) {
    const int metre = model.metres[m];
    const std::size_t first = states.size();
    const double begins = 1.0 / (static_cast<double>(model.metres.size()) * metre);
    for (int number = 1; number <= metre; ++number) {
      const std::size_t next = number == metre ? first : states.size() + 1;
      const double cost = number == 1 && m < model.costs.size() ? model.costs[m] : 0.0;
      states.push_back({.metre = metre, .number = number, .next = next, .cost = cost, .begins = begins});
    }
  }
  return states;
}

double heard_at(const BeatEvidence& evidence, std::size_t frame, const State& state) {
  return static_cast<double>(place_in_bar(evidence, frame, state.metre, state.number)) - state.cost;
}

void scale_to_one(std::span<double> chances) {
  const double sum = std::accumulate(chances.begin(), chances.end(), 0.0);
  for (double& chance : chances) chance /= sum;
}

// Likelihoods [beats, states], the largest of a beat 1.
Matrix<double> likelihoods(const BeatEvidence& evidence, std::span<const std::size_t> frames,
                           const std::vector<State>& states, double sharpness) {
  Matrix<double> result(frames.size(), states.size());
  for (std::size_t b = 0; b < frames.size(); ++b) {
    const auto row = result.row(b);
    for (std::size_t s = 0; s < states.size(); ++s) row[s] = sharpness * heard_at(evidence, frames[b], states[s]);
    const double most = *std::max_element(row.begin(), row.end());
    for (double& value : row) value = std::exp(value - most);
  }
  return result;
}

// Chances of all states at each beat, [beats, states].
Matrix<double> smoothed(const Matrix<double>& heard, const std::vector<State>& states, double slip) {
  const std::size_t beats = heard.rows(), count = states.size();
  Matrix<double> chances(beats, count, 0.0);
  for (std::size_t b = 0; b < beats; ++b) {
    const auto row = chances.row(b);
    for (std::size_t s = 0; s < count; ++s) row[s] += (b == 0 ? 1.0 : slip) * states[s].begins;
    for (std::size_t s = 0; b > 0 && s < count; ++s) row[states[s].next] += (1 - slip) * chances(b - 1, s);
    for (std::size_t s = 0; s < count; ++s) row[s] *= heard(b, s);
    scale_to_one(row);
  }
  std::vector<double> after(count, 1.0), before(count);
  for (std::size_t b = beats; b-- > 0;) {
    const auto row = chances.row(b);
    for (std::size_t s = 0; s < count; ++s) row[s] *= after[s];
    scale_to_one(row);
    double anew = 0;
    for (std::size_t s = 0; s < count; ++s) anew += states[s].begins * heard(b, s) * after[s];
    for (std::size_t s = 0; s < count; ++s) {
      const std::size_t next = states[s].next;
      before[s] = slip * anew + (1 - slip) * heard(b, next) * after[next];
    }
    scale_to_one(before);
    after.swap(before);
  }
  return chances;
}

}  // namespace

BarChances weigh_bars(const BeatEvidence& evidence, std::span<const std::size_t> frames, const BarModel& model) {
  BarChances result;
  if (frames.empty()) return result;
  const std::vector<State> states = states_of(model);
  const auto chances = smoothed(likelihoods(evidence, frames, states, model.sharpness), states, model.slip);
  for (const State& state : states) result.counts.push_back({.beats_per_bar = state.metre, .first = state.number - 1});
  for (std::size_t b = 0; b < frames.size(); ++b) {
    double downbeat = 0;
    for (std::size_t s = 0; s < states.size(); ++s) {
      const auto metre = static_cast<std::size_t>(states[s].metre);
      const auto before = static_cast<std::size_t>(states[s].number - 1);
      const std::size_t first = (b % metre + metre - before) % metre;
      result.counts[s - before + first].chance += chances(b, s) / static_cast<double>(frames.size());
      if (before == 0) downbeat += chances(b, s);
    }
    result.downbeat.push_back(static_cast<float>(std::min(1.0, downbeat)));
  }
  return result;
}

}  // namespace pop2piano
