// SPDX-License-Identifier: MIT
#include "judging/metrics/beat_metrics.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "judging/metrics/matching.h"

namespace pop2piano {
namespace {

using Times = std::span<const double>;

// The beats from `skip` on.
Times trimmed(Times beats, double skip, const char* what) {
  for (std::size_t i = 0; i < beats.size(); ++i) {
    if (!std::isfinite(beats[i]) || (i > 0 && beats[i] < beats[i - 1])) {
      throw Error(ErrorCode::invalid_argument, std::string(what) + ": beat " + std::to_string(i + 1) + " at " +
                                                   std::to_string(beats[i]) +
                                                   " s: expected finite times that do not go back; sort the list");
    }
  }
  return beats.subspan(static_cast<std::size_t>(std::lower_bound(beats.begin(), beats.end(), skip) - beats.begin()));
}

// As is, off-beat, double tempo, half tempo from the first and from the second beat.
std::array<std::vector<double>, 5> metrical_levels(Times beats) {
  std::array<std::vector<double>, 5> levels;
  levels[0].assign(beats.begin(), beats.end());
  for (std::size_t i = 0; i < beats.size(); ++i) {
    levels[2].push_back(beats[i]);
    if (i + 1 < beats.size()) {
      const double between = (beats[i + 1] - beats[i]) * 0.5 + beats[i];
      levels[1].push_back(between);
      levels[2].push_back(between);
    }
    levels[3 + i % 2].push_back(beats[i]);
  }
  return levels;
}

// Index of the element of the sorted list nearest to `time`; the first of several.
std::size_t nearest(Times beats, double time) {
  auto at = std::lower_bound(beats.begin(), beats.end(), time);
  if (at != beats.begin() && (at == beats.end() || time - *(at - 1) <= *at - time)) --at;
  at = std::lower_bound(beats.begin(), beats.end(), *at);  // equal beats: the first
  return static_cast<std::size_t>(at - beats.begin());
}

double cemgil_accuracy(Times reference, Times estimate, double sigma) {
  double sum = 0.0;
  for (const double beat : reference) {
    const double distance = estimate[nearest(estimate, beat)] - beat;
    sum += std::exp(-distance * distance / (2.0 * sigma * sigma));
  }
  return sum / (0.5 * static_cast<double>(reference.size() + estimate.size()));
}

// Whether the estimate's beat m fits reference beat n in phase and period. Intervals look back, except at the start.
bool is_continuous(Times reference, Times estimate, std::size_t m, std::size_t n, const BeatMetricOptions& options) {
  const bool forward = m == 0 || n == 0;
  const std::size_t later = forward && n + 1 < reference.size() ? n + 1 : n;
  const std::size_t later_estimate = forward && m + 1 < estimate.size() ? m + 1 : m;
  if (later == 0) return false;  // a single reference beat has no interval
  const double interval = reference[later] - reference[later - 1];
  if (interval == 0.0) return false;
  const double phase = std::abs(estimate[m] - reference[n]) / interval;
  const double period = std::abs(1.0 - (estimate[later_estimate] - estimate[later_estimate - 1]) / interval);
  return phase < options.phase_threshold && period < options.period_threshold;
}

struct Continuity {
  double longest = 0.0, total = 0.0;
};

Continuity continuity(Times reference, Times estimate, const BeatMetricOptions& options) {
  std::vector<bool> used(reference.size(), false);
  std::size_t run = 0, longest = 0, total = 0;
  for (std::size_t m = 0; m < estimate.size(); ++m) {
    const std::size_t n = reference.empty() ? 0 : nearest(reference, estimate[m]);
    const bool correct = !reference.empty() && !used[n] && is_continuous(reference, estimate, m, n, options);
    if (correct) used[n] = true;
    run = correct ? run + 1 : 0;
    longest = std::max(longest, run);
    total += correct ? 1 : 0;
  }
  const auto beats = static_cast<double>(std::max(reference.size(), estimate.size()));
  return {static_cast<double>(longest) / beats, static_cast<double>(total) / beats};
}

// Error of an estimated beat in beats, folded into (-0.5, 0.5].
double folded_error(Times reference, double beat) {
  const std::size_t n = nearest(reference, beat);
  const std::size_t last = reference.size() - 1;
  const double error = beat - reference[n];
  double interval;
  if (n == last) {
    interval = reference[last] - reference[last - 1];
  } else if (error < 0.0) {
    // Before the first annotation mir_eval's index wraps round to the last one; kept, because scores are compared.
    interval = reference[n] - reference[n == 0 ? last : n - 1];
  } else {
    interval = reference[n + 1] - reference[n];
  }
  double folded = std::fmod(error / interval + 0.5, -1.0);
  if (folded > 0.0) folded -= 1.0;
  return folded + 0.5;
}

// Absent when all beats of the reference fall together.
std::optional<double> error_entropy(Times reference, Times estimate, int bins) {
  std::vector<double> edges;  // [bins + 1]
  for (int i = 0; i <= bins; ++i) edges.push_back(i == bins ? 0.5 : i * (1.0 / bins) - 0.5);
  std::vector<double> histogram(static_cast<std::size_t>(bins));
  double count = 0.0;
  for (const double beat : estimate) {
    const double error = folded_error(reference, beat);
    if (!std::isfinite(error)) continue;  // equal reference beats
    const auto above = std::upper_bound(edges.begin(), edges.end() - 1, error);
    histogram[static_cast<std::size_t>(above - edges.begin()) - 1] += 1.0;
    count += 1.0;
  }
  if (count == 0.0) return std::nullopt;
  double entropy = 0.0;
  for (const double bin : histogram) {
    if (bin > 0.0) entropy -= bin / count * std::log2(bin / count);
  }
  return entropy;
}

void score_f_measure(Times reference, Times estimate, double window, BeatScores& scores) {
  const auto matched = static_cast<double>(count_matched_events(reference, estimate, window));
  scores.precision = matched / static_cast<double>(estimate.size());
  scores.recall = matched / static_cast<double>(reference.size());
  scores.f_measure = f_measure(scores.precision.value(), scores.recall.value());
}

void score_levels(Times reference, Times estimate, const BeatMetricOptions& options, BeatScores& scores) {
  const auto levels = metrical_levels(reference);
  double best_cemgil = 0.0;
  Continuity best;
  const bool has_intervals = reference.size() > 1 && estimate.size() > 1;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const double cemgil = cemgil_accuracy(levels[i], estimate, options.cemgil_sigma);
    best_cemgil = std::max(best_cemgil, cemgil);
    if (i == 0) scores.cemgil = cemgil;
    if (!has_intervals) continue;
    const Continuity level = continuity(levels[i], estimate, options);
    if (i == 0) scores.cmlc = level.longest, scores.cmlt = level.total;
    best = {std::max(best.longest, level.longest), std::max(best.total, level.total)};
  }
  scores.cemgil_best = best_cemgil;
  if (has_intervals) scores.amlc = best.longest, scores.amlt = best.total;
}

BeatScores undefined_scores(std::string_view reason) {
  const Measure none = Measure::undefined(reason);
  return {none, none, none, none, none, none, none, none, none, none};
}

constexpr std::string_view kNoReference = "the reference has no beats in the part that counts";
constexpr std::string_view kNoEstimate = "the estimate has no beats in the part that counts";

}  // namespace

BeatScores compare_beats(Times reference, Times estimate, const BeatMetricOptions& options) {
  reference = trimmed(reference, options.skip, "reference");
  estimate = trimmed(estimate, options.skip, "estimate");
  if (reference.empty()) return undefined_scores(kNoReference);
  if (estimate.empty()) return undefined_scores(kNoEstimate);
  BeatScores scores = undefined_scores("a single beat has no interval");
  score_f_measure(reference, estimate, options.window, scores);
  score_levels(reference, estimate, options, scores);
  if (reference.size() > 1 && estimate.size() > 1) {
    const auto forward = error_entropy(reference, estimate, options.histogram_bins);
    const auto backward = error_entropy(estimate, reference, options.histogram_bins);
    const double norm = std::log2(options.histogram_bins);
    scores.information_gain = forward && backward ? Measure((norm - std::max(*forward, *backward)) / norm)
                                                  : Measure::undefined("all beats are at one time");
  }
  return scores;
}

Measure beat_f_measure(Times reference, Times estimate, const BeatMetricOptions& options) {
  reference = trimmed(reference, options.skip, "reference");
  estimate = trimmed(estimate, options.skip, "estimate");
  if (reference.empty()) return Measure::undefined(kNoReference);
  if (estimate.empty()) return Measure::undefined(kNoEstimate);
  BeatScores scores;
  score_f_measure(reference, estimate, options.window, scores);
  return scores.f_measure;
}

}  // namespace pop2piano
