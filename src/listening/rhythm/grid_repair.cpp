// SPDX-License-Identifier: MIT
#include "listening/rhythm/grid_repair.h"

#include <algorithm>
#include <cmath>

namespace pop2piano {
namespace {

constexpr double kNearLine = 0.025;  // seconds
constexpr double kShareOnLine = 0.95;
constexpr std::size_t kFewestBeatsOnLine = 16;
constexpr double kShareOfLeftLine = 0.5;
constexpr std::size_t kStretch = 32;  // beats that a line that was left is looked for in, and the fewest on it

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double peak_near(std::size_t frame, std::span<const float> curve, std::size_t reach) {
  const std::size_t first = frame > reach ? frame - reach : 0;
  const std::size_t last = std::min(curve.size() - 1, frame + reach);
  std::size_t best = first;
  for (std::size_t t = first; t <= last; ++t) {
    if (curve[t] > curve[best]) best = t;
  }
  if (best == 0 || best + 1 >= curve.size()) return static_cast<double>(frame);
  const double left = curve[best - 1], centre = curve[best], right = curve[best + 1];
  const double curvature = left - 2 * centre + right;
  if (left > centre || right > centre || curvature >= 0) return static_cast<double>(frame);
  return static_cast<double>(best) + std::clamp(0.5 * (left - right) / curvature, -0.5, 0.5);
}

// Place of each time in a count of `interval`s, from 0.
std::vector<double> count_places(std::span<const double> times, double interval) {
  std::vector<double> places(times.size(), 0.0);
  for (std::size_t i = 1; i < times.size(); ++i) {
    places[i] = places[i - 1] + std::max(1.0, std::round((times[i] - times[i - 1]) / interval));
  }
  return places;
}

StraightLine least_squares(std::span<const double> times, std::span<const double> places, std::span<const char> used) {
  double n = 0, x = 0, y = 0, xx = 0, xy = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!used[i]) continue;
    n += 1;
    x += places[i];
    y += times[i];
    xx += places[i] * places[i];
    xy += places[i] * times[i];
  }
  const double spread = n * xx - x * x;
  StraightLine line;
  line.interval = spread > 0 ? (n * xy - x * y) / spread : 0.0;
  line.first = n > 0 ? (y - line.interval * x) / n : 0.0;
  return line;
}

void judge_line(StraightLine& line, std::span<const double> times, std::span<const double> places) {
  double squares = 0, near = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const double error = times[i] - line.first - line.interval * places[i];
    if (std::abs(error) > kNearLine) continue;
    squares += error * error;
    near += 1;
  }
  line.residual = near > 0 ? std::sqrt(squares / near) : 0.0;
  line.share = near / static_cast<double>(times.size());
}

// The line through `count` beats from `first` on, drawn on to all beats that lie near it: each pass reaches farther.
StraightLine grow_line(std::span<const double> times, std::size_t first, std::size_t count) {
  std::vector<double> places(times.size());
  std::vector<char> used(times.size(), 0);
  for (std::size_t i = first; i < first + count; ++i) {
    places[i] = static_cast<double>(i - first);
    used[i] = 1;
  }
  StraightLine line;
  for (int pass = 0; pass < 8; ++pass) {
    line = least_squares(times, places, used);
    if (line.interval <= 0) return {};
    for (std::size_t i = 0; i < times.size(); ++i) {
      places[i] = std::round((times[i] - line.first) / line.interval);
      used[i] = std::abs(times[i] - line.first - line.interval * places[i]) <= kNearLine;
    }
  }
  judge_line(line, times, places);
  return line;
}

}  // namespace

std::vector<double> refine_to_peaks(std::span<const std::size_t> frames, std::span<const float> curve,
                                    std::size_t reach) {
  std::vector<double> refined;
  refined.reserve(frames.size());
  for (const std::size_t frame : frames) refined.push_back(peak_near(frame, curve, reach));
  return refined;
}

std::size_t repair_outliers(std::vector<double>& times, double tolerance) {
  std::size_t moved = 0;
  for (std::size_t i = 2; i + 2 < times.size(); ++i) {
    const double before = times[i] - times[i - 1], after = times[i + 1] - times[i], half = 0.5 * (before + after);
    const double earlier = times[i - 1] - times[i - 2], later = times[i + 2] - times[i + 1];
    const bool uneven = std::abs(before - after) > 2 * tolerance * half;
    const bool even_around = std::abs(earlier - half) < tolerance * half && std::abs(later - half) < tolerance * half;
    if (uneven && even_around) {
      times[i] = times[i - 1] + half;
      ++moved;
    }
  }
  return moved;
}

StraightLine fit_line(std::span<const double> times) {
  std::vector<double> intervals;
  for (std::size_t i = 1; i < times.size(); ++i) intervals.push_back(times[i] - times[i - 1]);
  const auto places = count_places(times, median(intervals));
  std::vector<char> used(times.size(), 1);
  StraightLine line;
  for (int pass = 0; pass < 6; ++pass) {
    line = least_squares(times, places, used);
    std::vector<double> errors(times.size());
    for (std::size_t i = 0; i < times.size(); ++i) {
      errors[i] = std::abs(times[i] - line.first - line.interval * places[i]);
    }
    const double limit = std::max(kNearLine, 2.5 * median(errors));
    for (std::size_t i = 0; i < times.size(); ++i) used[i] = errors[i] <= limit;
  }
  judge_line(line, times, places);
  return line;
}

std::optional<StraightLine> line_left(std::span<const double> times, double residual_limit) {
  if (times.size() < kStretch) return std::nullopt;
  StraightLine best;
  for (std::size_t first = 0; first + kStretch <= times.size(); first += kStretch / 2) {
    const StraightLine line = grow_line(times, first, kStretch);
    if (line.share > best.share && line.residual < residual_limit) best = line;
  }
  const bool enough = best.share * static_cast<double>(times.size()) >= static_cast<double>(kStretch);
  if (best.share < kShareOfLeftLine || best.share >= kShareOnLine || !enough) return std::nullopt;
  return best;
}

bool snap_to_line(std::vector<double>& times, double residual_limit) {
  if (times.size() < kFewestBeatsOnLine) return false;
  const StraightLine line = fit_line(times);
  if (line.share < kShareOnLine || line.residual >= residual_limit || line.interval <= 0) return false;
  const auto places = count_places(times, line.interval);
  if (places.back() != static_cast<double>(times.size() - 1)) return false;
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = line.first + line.interval * static_cast<double>(i);
  return true;
}

}  // namespace pop2piano
