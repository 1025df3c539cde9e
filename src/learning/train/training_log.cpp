// SPDX-License-Identifier: MIT
#include "learning/train/training_log.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "base/core/output_file.h"

namespace pop2piano::training {
namespace {

constexpr const char* kLogHead = "step,loss,rate,norm,segments_per_second,seconds\n";
constexpr const char* kValidationHead = "step,loss,accuracy,melody_f1,all_f1\n";

std::string text_of(const LogLine& l) {
  return fmt::format("{},{:.6f},{:.6g},{:.5g},{:.2f},{:.1f}\n", l.step, l.loss, l.rate, l.norm, l.segments_per_second,
                     l.seconds);
}
std::string text_of(const ValidationLine& v) {
  return fmt::format("{},{:.6f},{:.5f},{:.5f},{:.5f}\n", v.step, v.loss, v.accuracy, v.melody_f1, v.all_f1);
}

// Numbers of every line that has `columns` of them; a broken last line (the process was killed) is left out.
std::vector<std::vector<double>> read_table(const std::filesystem::path& file, std::size_t columns) {
  std::vector<std::vector<double>> rows;
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    std::vector<double> row;
    std::istringstream fields(line);
    std::string field;
    while (std::getline(fields, field, ',')) {
      char* end = nullptr;
      const double value = std::strtod(field.c_str(), &end);
      if (end == field.c_str() || *end != '\0') break;
      row.push_back(value);
    }
    if (row.size() == columns) rows.push_back(std::move(row));
  }
  return rows;
}

void append(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::app | std::ios::binary);
  out << text;
  out.flush();
  if (!out) throw Error(ErrorCode::write_failed, file.string() + ": cannot be written; is the disk full?");
}

/// A panel of the picture: a frame, grid lines with numbers, and curves.
class Panel {
 public:
  Panel(double top, double last_step, double low, double high)
      : top_(top), last_step_(std::max(1.0, last_step)), low_(low), high_(high > low ? high : low + 1.0) {}

  void frame(std::string& svg, const std::string& title) const {
    svg += fmt::format("<text x='{}' y='{}' class='t'>{}</text>\n", kLeft, top_ - 8, title);
    for (int i = 0; i <= 4; ++i) {
      const double value = low_ + (high_ - low_) * i / 4.0, y = y_of(value);
      svg += fmt::format("<path d='M{} {:.1f}H{}' class='g'/><text x='{}' y='{:.1f}' class='n'>{:.2f}</text>\n", kLeft,
                         y, kLeft + kWidth, kLeft - 8, y + 4, value);
    }
    for (int i = 0; i <= 5; ++i) {
      const double step = last_step_ * i / 5.0;
      svg += fmt::format("<text x='{:.1f}' y='{}' class='s'>{:.0f}</text>\n", x_of(step), top_ + kHeight + 16, step);
    }
  }
  void curve(std::string& svg, const std::vector<std::pair<double, double>>& points, const std::string& colour) const {
    std::string path;
    for (const auto& [step, value] : points) {
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x_of(step), y_of(value));
    }
    svg += fmt::format("<path d='{}' fill='none' stroke='{}' stroke-width='1.5'/>\n", path, colour);
  }
  void legend(std::string& svg, int place, const std::string& text, const std::string& colour) const {
    svg += fmt::format("<text x='{}' y='{}' class='t' fill='{}'>{}</text>\n", kLeft + 220 + 150 * place, top_ - 8,
                       colour, text);
  }

  static constexpr double kLeft = 60, kWidth = 720, kHeight = 220;

 private:
  [[nodiscard]] double x_of(double step) const { return kLeft + kWidth * step / last_step_; }
  [[nodiscard]] double y_of(double value) const {
    return top_ + kHeight * (1.0 - (std::clamp(value, low_, high_) - low_) / (high_ - low_));
  }
  double top_, last_step_, low_, high_;
};

using Points = std::vector<std::pair<double, double>>;

// At most 400 points, each the mean of its neighbours.
Points loss_points(const std::vector<LogLine>& lines) {
  Points points;
  const std::size_t group = lines.size() / 400 + 1;
  for (std::size_t first = 0; first < lines.size(); first += group) {
    const std::size_t last = std::min(lines.size(), first + group);
    double sum = 0.0;
    for (std::size_t i = first; i < last; ++i) sum += lines[i].loss;
    points.emplace_back(static_cast<double>(lines[last - 1].step), sum / static_cast<double>(last - first));
  }
  return points;
}

Points validation_points(const std::vector<ValidationLine>& lines, double ValidationLine::*value) {
  Points points;
  for (const auto& line : lines) points.emplace_back(static_cast<double>(line.step), line.*value);
  return points;
}

}  // namespace

TrainingLog::TrainingLog(std::filesystem::path folder, std::int64_t step) : folder_(std::move(folder)) {
  if (step > 0) {
    for (const auto& r : read_table(folder_ / "log.csv", 6)) {
      if (r[0] <= static_cast<double>(step)) {
        lines_.push_back({static_cast<std::int64_t>(r[0]), r[1], r[2], r[3], r[4], r[5]});
      }
    }
    for (const auto& r : read_table(folder_ / "validation.csv", 5)) {
      if (r[0] <= static_cast<double>(step)) {
        validations_.push_back({static_cast<std::int64_t>(r[0]), r[1], r[2], r[3], r[4]});
      }
    }
  }
  rewrite();
}

void TrainingLog::rewrite() const {
  std::string log = kLogHead, validation = kValidationHead;
  for (const auto& line : lines_) log += text_of(line);
  for (const auto& line : validations_) validation += text_of(line);
  write_file(folder_ / "log.csv", log);
  write_file(folder_ / "validation.csv", validation);
}

void TrainingLog::add(const LogLine& line) {
  lines_.push_back(line);
  append(folder_ / "log.csv", text_of(line));
}

void TrainingLog::add(const ValidationLine& line) {
  validations_.push_back(line);
  append(folder_ / "validation.csv", text_of(line));
}

std::string draw_svg(const std::vector<LogLine>& lines, const std::vector<ValidationLine>& validations) {
  const auto training = loss_points(lines), validation = validation_points(validations, &ValidationLine::loss);
  double low = 1e9, high = 0.0, last_step = 0.0;
  for (const auto* points : {&training, &validation}) {
    for (const auto& [step, value] : *points) {
      low = std::min(low, value);
      high = std::max(high, value);
      last_step = std::max(last_step, step);
    }
  }
  if (low > high) low = 0.0;
  double best_f1 = 0.05;
  for (const auto& line : validations) best_f1 = std::max({best_f1, line.melody_f1, line.all_f1});
  const bool decoded =
      std::ranges::any_of(validations, [](const auto& line) { return std::max(line.melody_f1, line.all_f1) > 0.0; });
  std::string svg = fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 820 {0}' font-family='sans-serif'>\n"
      "<style>.t{{font-size:14px}}.n{{font-size:11px;text-anchor:end;fill:#555}}.s{{font-size:11px;text-anchor:middle;"
      "fill:#555}}.g{{stroke:#ddd}}</style>\n<rect width='820' height='{0}' fill='white'/>\n",
      decoded ? 600 : 300);
  const Panel loss(40, last_step, low, high);
  loss.frame(svg, "loss (nats)");
  loss.curve(svg, training, "#1f77b4");
  loss.curve(svg, validation, "#d62728");
  loss.legend(svg, 0, "training", "#1f77b4");
  if (!validation.empty()) loss.legend(svg, 1, "validation", "#d62728");
  if (!decoded) return svg + "</svg>\n";
  const Panel f1(330, last_step, 0.0, best_f1);
  f1.frame(svg, "note F1, free decoding");
  f1.curve(svg, validation_points(validations, &ValidationLine::melody_f1), "#2ca02c");
  f1.curve(svg, validation_points(validations, &ValidationLine::all_f1), "#9467bd");
  f1.legend(svg, 0, "melody", "#2ca02c");
  f1.legend(svg, 1, "all notes", "#9467bd");
  return svg + "</svg>\n";
}

void TrainingLog::draw() const {
  const std::string svg = draw_svg(lines_, validations_);
  write_file(folder_ / "curve.svg", svg);
  const bool tokens = std::ranges::any_of(validations_, [](const auto& line) { return line.accuracy > 0.0; });
  std::string rows = tokens ? "<tr><th>step<th>validation loss<th>accuracy<th>melody F1<th>all notes F1</tr>\n"
                            : "<tr><th>step<th>validation loss</tr>\n";
  for (auto line = validations_.rbegin(); line != validations_.rend(); ++line) {
    rows += fmt::format("<tr><td>{}<td>{:.4f}", line->step, line->loss);
    if (tokens) rows += fmt::format("<td>{:.3f}<td>{:.3f}<td>{:.3f}", line->accuracy, line->melody_f1, line->all_f1);
    rows += "</tr>\n";
  }
  write_file(folder_ / "curve.html",
             "<!doctype html><meta charset='utf-8'><title>Training</title>\n<style>body{font-family:sans-serif;"
             "max-width:60em;margin:2em auto}td,th{padding:0 1em;text-align:right}</style>\n" +
                 svg + "<table>" + rows + "</table>\n");
}

}  // namespace pop2piano::training
