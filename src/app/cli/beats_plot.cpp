// SPDX-License-Identifier: MIT
#include "app/cli/beats_plot.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include <fmt/format.h>

namespace pop2piano::cli {
namespace {

constexpr double kLineSeconds = 15, kLeft = 46, kWidth = 1160, kLineHeight = 84, kGap = 14, kTop = 44;
constexpr double kTempoHeight = 120, kPointsPerSecond = 40;

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else
      out += static_cast<unsigned char>(c) < 32 ? ' ' : c;
  }
  return out;
}

// Value that a hundredth of the curve exceeds: the top of the picture.
float top_of(std::vector<float> values) {
  if (values.empty()) return 1;
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(values.size() * 99 / 100);
  std::nth_element(values.begin(), place, values.end());
  return std::max(*place, 1e-6F);
}

struct Line {
  double start, y;  // seconds, pixels of the upper edge
  [[nodiscard]] double x(double time) const { return kLeft + (time - start) / kLineSeconds * kWidth; }
};

// The largest value in each stretch, so that no peak is lost.
std::string curve(const Line& line, std::span<const float> values, double rate, float top, const char* colour) {
  std::string points;
  const double step = 1 / kPointsPerSecond;
  for (double t = line.start; t < line.start + kLineSeconds; t += step) {
    const auto first = static_cast<std::size_t>(t * rate);
    const auto last = std::min(values.size(), static_cast<std::size_t>((t + step) * rate) + 1);
    if (first >= last) break;
    const float most = *std::max_element(values.begin() + static_cast<std::ptrdiff_t>(first),
                                         values.begin() + static_cast<std::ptrdiff_t>(last));
    const double height = std::clamp(static_cast<double>(most / top), 0.0, 1.0) * kLineHeight;
    points += fmt::format("{:.1f},{:.1f} ", line.x(t), line.y + kLineHeight - height);
  }
  return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"/>\n", points, colour);
}

std::string beat_marks(const Line& line, const BeatGrid& grid) {
  std::string out;
  int bar = grid.numbers.empty() || grid.numbers.front() == 1 ? 0 : 1;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const bool first = grid.numbers[i] == 1;
    if (first) ++bar;
    if (grid.times[i] < line.start || grid.times[i] >= line.start + kLineSeconds) continue;
    const double x = line.x(grid.times[i]);
    out += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\"/>\n", x,
                       line.y + (first ? 0 : 0.4 * kLineHeight), line.y + kLineHeight, first ? "#c00" : "#888");
    if (first) out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" fill=\"#c00\">{}</text>\n", x + 2, line.y + 9, bar);
  }
  return out;
}

std::string tempo_panel(const BeatGrid& grid, double y, double duration) {
  std::vector<double> tempi;
  for (std::size_t i = 1; i < grid.size(); ++i) tempi.push_back(60 / (grid.times[i] - grid.times[i - 1]));
  const double low = 0.8 * grid.tempo(), high = 1.25 * grid.tempo();
  std::string points;
  for (std::size_t i = 0; i < tempi.size(); ++i) {
    const double share = (std::clamp(tempi[i], low, high) - low) / (high - low);
    points += fmt::format("{:.1f},{:.1f} ", kLeft + grid.times[i] / duration * kWidth, y + kTempoHeight * (1 - share));
  }
  std::string out = fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#f6f6f6\"/>\n", kLeft, y,
                                kWidth, kTempoHeight);
  for (const double tempo : {low, grid.tempo(), high}) {
    const double at = y + kTempoHeight * (1 - (tempo - low) / (high - low));
    out += fmt::format("<text x=\"4\" y=\"{:.1f}\">{:.0f}</text>\n", at + 4, tempo);
  }
  return out + fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"#06c\"/>\n", points);
}

}  // namespace

std::string beats_as_svg(const BeatGrid& grid, const BeatCurves& curves, const std::string& title) {
  const double heard = static_cast<double>(curves.onset.size()) / curves.frame_rate;
  const double duration = std::max({heard, grid.times.back(), 1.0});
  const auto lines = static_cast<int>(std::ceil(duration / kLineSeconds));
  const double tempo_y = kTop + lines * (kLineHeight + kGap);
  const float onset_top = top_of(curves.onset), beat_top = top_of(curves.beat), down_top = top_of(curves.downbeat);
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" viewBox=\"0 0 {0:.0f} {1:.0f}\" "
      "font-family=\"sans-serif\" font-size=\"10\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      "<text x=\"{2}\" y=\"16\" font-size=\"13\">{3}: {4:.1f} beats a minute, {5} in a bar</text>\n"
      "<text x=\"{2}\" y=\"32\"><tspan fill=\"#aaa\">onset strength</tspan> <tspan fill=\"#06c\">beat</tspan> "
      "<tspan fill=\"#0a0\">downbeat</tspan> <tspan fill=\"#c00\">bars</tspan></text>\n",
      kLeft + kWidth + 10, tempo_y + kTempoHeight + 20, kLeft, escaped(title), grid.tempo(), grid.beats_per_bar);
  for (int i = 0; i < lines; ++i) {
    const Line line{.start = i * kLineSeconds, .y = kTop + i * (kLineHeight + kGap)};
    out += fmt::format("<rect x=\"{}\" y=\"{:.1f}\" width=\"{}\" height=\"{}\" fill=\"#f6f6f6\"/>\n", kLeft, line.y,
                       kWidth, kLineHeight);
    out += fmt::format("<text x=\"4\" y=\"{:.1f}\">{:.0f} s</text>\n", line.y + kLineHeight, line.start);
    out += curve(line, curves.onset, curves.frame_rate, onset_top, "#aaa");
    out += curve(line, curves.beat, curves.frame_rate, beat_top, "#06c");
    out += curve(line, curves.downbeat, curves.frame_rate, down_top, "#0a0");
    out += beat_marks(line, grid);
  }
  return out + tempo_panel(grid, tempo_y, duration) + "</svg>\n";
}

}  // namespace pop2piano::cli
