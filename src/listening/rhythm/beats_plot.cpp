// SPDX-License-Identifier: MIT
#include "listening/rhythm/beats_plot.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "base/plot/axes.h"

namespace pop2piano {
namespace {

constexpr double kLineSeconds = 15, kLeft = 46, kWidth = 1160, kLineHeight = 84, kGap = 14, kTop = 44;
constexpr double kTempoHeight = 120, kPointsPerSecond = 40, kLabelLeft = 4;
constexpr const char *kPaper = "#f6f6f6", *kOnsetColour = "#aaa", *kBeatColour = "#06c", *kDownbeatColour = "#0a0",
                     *kBarColour = "#c00";

// Value that a hundredth of the curve exceeds: the top of the picture.
float top_of(std::vector<float> values) {
  if (values.empty()) return 1;
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 99 / 100);
  std::nth_element(values.begin(), place, values.end());
  return std::max(*place, 1e-6F);
}

// A line of the picture: kLineSeconds from `start` on; curves are shares of their tops.
struct Line {
  double start;
  plot::Axes axes;
};

Line line_at(int index) {
  const double start = index * kLineSeconds, top = kTop + index * (kLineHeight + kGap);
  return {start, plot::Axes({kLeft, top, kWidth, kLineHeight}, {start, start + kLineSeconds}, {0, 1})};
}

// The largest value in each stretch, so that no peak is lost.
plot::Points curve(const Line& line, std::span<const float> values, double rate, float top) {
  plot::Points points;
  const double step = 1 / kPointsPerSecond;
  for (double t = line.start; t < line.start + kLineSeconds; t += step) {
    const auto first = static_cast<std::size_t>(t * rate);
    const auto last = std::min(values.size(), static_cast<std::size_t>((t + step) * rate) + 1);
    if (first >= last) break;
    const float most = *std::max_element(values.begin() + static_cast<std::ptrdiff_t>(first),
                                         values.begin() + static_cast<std::ptrdiff_t>(last));
    points.emplace_back(t, static_cast<double>(most / top));
  }
  return line.axes.at(points);
}

void draw_beats(plot::Picture& picture, const Line& line, const BeatGrid& grid) {
  const double top = line.axes.box().top, bottom = top + kLineHeight;
  int bar = grid.numbers.empty() || grid.numbers.front() == 1 ? 0 : 1;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const bool first = grid.numbers[i] == 1;
    if (first) ++bar;
    if (grid.times[i] < line.start || grid.times[i] >= line.start + kLineSeconds) continue;
    const double x = line.axes.x(grid.times[i]);
    picture.line({x, top + (first ? 0 : 0.4 * kLineHeight)}, {x, bottom}, {.colour = first ? kBarColour : "#888"});
    if (first) picture.text({x + 2, top + 9}, std::to_string(bar), {.colour = kBarColour});
  }
}

void draw_tempo(plot::Picture& picture, const BeatGrid& grid, double top, double duration) {
  const double low = 0.8 * grid.tempo(), high = 1.25 * grid.tempo();
  const plot::Axes axes({kLeft, top, kWidth, kTempoHeight}, {0, duration}, {low, high});
  picture.rectangle(axes.box(), kPaper);
  for (const double tempo : {low, grid.tempo(), high}) {
    picture.text({kLabelLeft, axes.y(tempo) + 4}, fmt::format("{:.0f}", tempo));
  }
  plot::Points tempi;
  for (std::size_t i = 1; i < grid.size(); ++i) {
    tempi.emplace_back(grid.times[i - 1], 60 / (grid.times[i] - grid.times[i - 1]));
  }
  picture.curve(axes.at(tempi), {.colour = kBeatColour});
}

}  // namespace

std::string beats_as_svg(const BeatGrid& grid, const BeatCurves& curves, const std::string& title) {
  const double heard = static_cast<double>(curves.onset.size()) / curves.frame_rate;
  const double duration = std::max({heard, grid.times.back(), 1.0});
  const auto lines = static_cast<int>(std::ceil(duration / kLineSeconds));
  const double tempo_top = kTop + lines * (kLineHeight + kGap);
  const float onset_top = top_of(curves.onset), beat_top = top_of(curves.beat), down_top = top_of(curves.downbeat);
  plot::Picture picture({.width = kLeft + kWidth + 10, .height = tempo_top + kTempoHeight + 20});
  picture.text({kLeft, 16},
               fmt::format("{}: {:.1f} beats a minute, {} in a bar", title, grid.tempo(), grid.beats_per_bar),
               {.size = 13});
  picture.legend(
      {kLeft, 32},
      {{"onset strength", kOnsetColour}, {"beat", kBeatColour}, {"downbeat", kDownbeatColour}, {"bars", kBarColour}});
  for (int i = 0; i < lines; ++i) {
    const Line line = line_at(i);
    picture.rectangle(line.axes.box(), kPaper);
    picture.text({kLabelLeft, line.axes.y(0)}, fmt::format("{:.0f} s", line.start));
    picture.curve(curve(line, curves.onset, curves.frame_rate, onset_top), {.colour = kOnsetColour});
    picture.curve(curve(line, curves.beat, curves.frame_rate, beat_top), {.colour = kBeatColour});
    picture.curve(curve(line, curves.downbeat, curves.frame_rate, down_top), {.colour = kDownbeatColour});
    draw_beats(picture, line, grid);
  }
  draw_tempo(picture, grid, tempo_top, duration);
  return picture.svg();
}

}  // namespace pop2piano
