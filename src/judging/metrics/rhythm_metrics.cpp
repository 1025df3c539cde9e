// SPDX-License-Identifier: MIT
#include "judging/metrics/rhythm_metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>

#include "listening/align/pair_sums.h"

namespace pop2piano {
namespace {

constexpr std::string_view kNoNotes = "the cover has no notes";

std::vector<double> differences(std::span<const double> times) {
  std::vector<double> intervals;
  for (std::size_t i = 1; i < times.size(); ++i) intervals.push_back(times[i] - times[i - 1]);
  return intervals;
}

// The most frequent values; of equally frequent ones, those that come first.
std::vector<double> most_frequent(std::span<const double> intervals, const GridCoherenceOptions& options) {
  struct Entry {
    std::int64_t units;
    std::size_t count, first;
  };
  std::vector<Entry> entries;
  std::map<std::int64_t, std::size_t> index;
  for (const double interval : intervals) {
    const auto units = static_cast<std::int64_t>(std::nearbyint(interval / options.resolution));
    const auto [at, is_new] = index.try_emplace(units, entries.size());
    if (is_new) entries.push_back({units, 0, entries.size()});
    ++entries[at->second].count;
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.count > b.count; });
  entries.resize(std::min(entries.size(), options.most_frequent));
  std::vector<double> values;
  for (const Entry& entry : entries) values.push_back(static_cast<double>(entry.units) * options.resolution);
  return values;
}

double deviation_from_grid(std::span<const double> intervals, double pulse) {
  double sum = 0.0;
  for (const double interval : intervals) sum += std::abs(interval / pulse - std::nearbyint(interval / pulse));
  return sum / static_cast<double>(intervals.size());
}

double entropy_of_patterns(std::span<const std::size_t> symbols, std::size_t length) {
  std::map<std::vector<std::size_t>, double> counts;
  const std::size_t patterns = symbols.size() - length + 1;
  for (std::size_t i = 0; i < patterns; ++i) {
    const auto part = symbols.subspan(i, length);
    counts[std::vector<std::size_t>(part.begin(), part.end())] += 1.0;
  }
  double entropy = 0.0;
  for (const auto& [pattern, count] : counts) {
    const double share = count / static_cast<double>(patterns);
    entropy -= share * std::log2(share);
  }
  return entropy;
}

// Sorted distinct values with how often each occurs, and the cost of making one group of a run of them.
class WeightedValues {
 public:
  explicit WeightedValues(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const double centre = values[values.size() / 2];  // keeps the running sums of squares accurate
    weight_.push_back(0.0), sum_.push_back(0.0), square_.push_back(0.0);
    for (std::size_t i = 0; i < values.size();) {
      double count = 0.0;
      const double value = values[i];
      for (; i < values.size() && values[i] == value; ++i) count += 1.0;
      const double x = value - centre;
      distinct_.push_back(value);
      weight_.push_back(weight_.back() + count);
      sum_.push_back(sum_.back() + count * x);
      square_.push_back(square_.back() + count * x * x);
    }
  }
  [[nodiscard]] const std::vector<double>& distinct() const { return distinct_; }
  // Sum of squared distances to the mean of values [first, last].
  [[nodiscard]] double cost(std::size_t first, std::size_t last) const {
    const double weight = weight_[last + 1] - weight_[first], sum = sum_[last + 1] - sum_[first];
    return std::max(0.0, square_[last + 1] - square_[first] - sum * sum / weight);
  }

 private:
  std::vector<double> distinct_, weight_, sum_, square_;  // the latter three: of all before
};

// One more group: next[last] = least cost of [0, last], start[last] = where the new group begins. The best start never
// moves left as `last` grows, so halves can be solved within the borders that the middle gives.
void add_group(const WeightedValues& values, std::span<const double> previous, std::span<double> next,
               std::span<std::size_t> start) {
  struct Range {
    std::size_t first, last, low, high;
  };
  std::vector<Range> open{{0, next.size() - 1, 0, next.size() - 1}};
  while (!open.empty()) {
    const Range range = open.back();
    open.pop_back();
    const std::size_t middle = range.first + (range.last - range.first) / 2;
    next[middle] = std::numeric_limits<double>::infinity();
    for (std::size_t s = range.low; s <= std::min(middle, range.high); ++s) {
      const double before = s == 0 ? std::numeric_limits<double>::infinity() : previous[s - 1];
      const double cost = before + values.cost(s, middle);
      if (cost < next[middle] || s == range.low) next[middle] = cost, start[middle] = s;
    }
    if (middle > range.first) open.push_back({range.first, middle - 1, range.low, start[middle]});
    if (middle < range.last) open.push_back({middle + 1, range.last, start[middle], range.high});
  }
}

// Only steps in both: of points that share a frame with the one before, none is kept.
WarpPath strictly_rising(const WarpPath& path) {
  WarpPath result;
  for (const auto& point : path) {
    if (result.empty() || (point.first > result.back().first && point.second > result.back().second)) {
      result.push_back(point);
    }
  }
  return result;
}

}  // namespace

std::vector<double> distinct_onsets(std::span<const PlayedNote> notes) {
  std::vector<double> onsets;
  for (const PlayedNote& note : notes) onsets.push_back(note.onset);
  std::sort(onsets.begin(), onsets.end());
  onsets.erase(std::unique(onsets.begin(), onsets.end()), onsets.end());
  return onsets;
}

Measure rhythmic_grid_coherence(std::span<const PlayedNote> notes, const GridCoherenceOptions& options) {
  if (notes.empty()) return Measure::undefined(kNoNotes);
  const std::vector<double> intervals = differences(distinct_onsets(notes));
  if (intervals.size() < options.most_frequent) return Measure::undefined("the cover has too few onsets for a grid");
  const std::vector<double> frequent = most_frequent(intervals, options);
  if (frequent.size() < 2) return Measure::undefined("all intervals of the cover are equal");
  double least = std::numeric_limits<double>::infinity();
  for (const double pulse : frequent) {
    if (pulse >= options.shortest_pulse) least = std::min(least, deviation_from_grid(frequent, pulse));
  }
  return std::isfinite(least) ? Measure(least) : Measure::undefined("no interval is long enough to be a pulse");
}

Measure interval_pattern_entropy(std::span<const PlayedNote> notes, const PatternEntropyOptions& options) {
  if (notes.empty()) return Measure::undefined(kNoNotes);
  std::vector<double> intervals = differences(distinct_onsets(notes));
  if (intervals.size() < options.pattern_length) {
    return Measure::undefined("the cover has too few onsets for a pattern");
  }
  for (double& interval : intervals) interval = std::log(std::clamp(interval, options.shortest, options.longest));
  const std::vector<std::size_t> symbols = cluster_values(intervals, options.clusters);
  if (*std::max_element(symbols.begin(), symbols.end()) == 0) {
    return Measure::undefined("all intervals of the cover are equal");
  }
  return entropy_of_patterns(symbols, options.pattern_length);
}

std::vector<std::size_t> cluster_values(std::span<const double> values, std::size_t clusters) {
  if (values.empty()) return {};
  const WeightedValues weighted(std::vector<double>(values.begin(), values.end()));
  const std::size_t count = weighted.distinct().size();
  const std::size_t groups = std::clamp<std::size_t>(clusters, 1, count);
  std::vector<double> cost(count), next(count);
  std::vector<std::vector<std::size_t>> start(groups, std::vector<std::size_t>(count, 0));
  for (std::size_t last = 0; last < count; ++last) cost[last] = weighted.cost(0, last);
  for (std::size_t g = 1; g < groups; ++g) {
    add_group(weighted, cost, next, start[g]);
    cost.swap(next);
  }
  std::vector<std::size_t> group_of(count);
  std::size_t end = count;
  for (std::size_t g = groups; g-- > 0;) {
    const std::size_t first = start[g][end - 1];
    std::fill(group_of.begin() + static_cast<std::ptrdiff_t>(first),
              group_of.begin() + static_cast<std::ptrdiff_t>(end), g);
    end = first;
  }
  std::vector<std::size_t> result;
  for (const double value : values) {
    const auto at = std::lower_bound(weighted.distinct().begin(), weighted.distinct().end(), value);
    result.push_back(group_of[static_cast<std::size_t>(at - weighted.distinct().begin())]);
  }
  return result;
}

std::vector<Strike> group_strikes(std::span<const PlayedNote> notes, double spread) {
  std::vector<Strike> strikes;
  for (const PlayedNote& note : sorted_by_onset(notes)) {
    if (strikes.empty() || note.onset > strikes.back().time + spread) strikes.push_back({note.onset, {}});
    strikes.back().notes.push_back(note);
  }
  return strikes;
}

DensityScores measure_density(std::span<const PlayedNote> notes) {
  if (notes.empty()) {
    const Measure none = Measure::undefined(kNoNotes);
    return {none, none, none, none, none, none};
  }
  const std::vector<Strike> strikes = group_strikes(notes);
  const auto count = static_cast<double>(notes.size());
  std::vector<double> pitches;
  double end = notes.front().offset;
  for (const PlayedNote& note : notes) {
    pitches.push_back(note.pitch);
    end = std::max(end, note.offset);
  }
  std::sort(pitches.begin(), pitches.end());
  const std::size_t half = pitches.size() / 2;
  double variability = 0.0;
  for (std::size_t i = 2; i < strikes.size(); ++i) {
    const double a = strikes[i - 1].time - strikes[i - 2].time, b = strikes[i].time - strikes[i - 1].time;
    variability += 200.0 * std::abs(a - b) / (a + b);
  }
  const double length = end - strikes.front().time;
  return {length > 0.0 ? Measure(count / length) : Measure::undefined("the cover has no length"),
          count / static_cast<double>(strikes.size()),
          pitches.front(),
          pitches.back(),
          pitches.size() % 2 == 1 ? pitches[half] : (pitches[half - 1] + pitches[half]) / 2.0,
          strikes.size() > 2 ? Measure(variability / static_cast<double>(strikes.size() - 2))
                             : Measure::undefined("the cover has too few onsets for a rhythm")};
}

Measure warp_path_deviation(const WarpPath& cover_to_song, double frame_rate, double trim) {
  constexpr std::size_t kLeastPoints = 10;
  const WarpPath path = strictly_rising(cover_to_song);
  if (path.size() < kLeastPoints) return Measure::undefined("too short for a warp path");
  const double end = static_cast<double>(path.back().second) / frame_rate;
  PairSums trimmed, all;
  for (const auto& [cover, song] : path) {
    const double x = static_cast<double>(cover) / frame_rate, y = static_cast<double>(song) / frame_rate;
    all.add(x, y);
    if (y >= trim && y <= end - trim) trimmed.add(x, y);
  }
  const PairSums& sums = end > 2.0 * trim && trimmed.n > kLeastPoints ? trimmed : all;
  const double residual = sums.var_y() - sums.covariance() * sums.covariance() / sums.var_x();
  return std::sqrt(std::max(0.0, residual));
}

}  // namespace pop2piano
