// SPDX-License-Identifier: MIT
#include "learning/train/training_log.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/core/output_file.h"
#include "base/plot/axes.h"

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

constexpr double kLeft = 60, kWidth = 720, kHeight = 220;
constexpr std::string_view kTraining = "#1f77b4", kValidation = "#d62728", kMelody = "#2ca02c", kAllNotes = "#9467bd";

/// A panel of the picture: grid lines with numbers, steps below, a title above.
plot::Axes draw_panel(plot::Picture& picture, double top, double last_step, const plot::Range& values,
                      const std::string& title) {
  const plot::Axes axes({kLeft, top, kWidth, kHeight}, {0.0, std::max(1.0, last_step)}, values);
  const double range = values.high > values.low ? values.high - values.low : 1.0;
  picture.text({kLeft, top - 8}, title, {.size = 14});
  for (int i = 0; i <= 4; ++i) {
    const double value = values.low + range * i / 4.0, y = axes.y(value);
    picture.line({kLeft, y}, {kLeft + kWidth, y}, {.colour = "#ddd"});
    picture.text({kLeft - 8, y + 4}, fmt::format("{:.2f}", value), {.colour = "#555", .anchor = plot::Anchor::end});
  }
  for (int i = 0; i <= 5; ++i) {
    const double step = std::max(1.0, last_step) * i / 5.0;
    picture.text({axes.x(step), top + kHeight + 16}, fmt::format("{:.0f}", step),
                 {.colour = "#555", .anchor = plot::Anchor::middle});
  }
  return axes;
}

/// A curve, and its name in the panel's title line.
void draw_curve(plot::Picture& picture, const plot::Axes& axes, const plot::Points& points, int place,
                const std::string& name, std::string_view colour) {
  picture.curve(axes.at(points), {.colour = colour, .width = 1.5});
  picture.text({kLeft + 220 + 150 * place, axes.box().top - 8}, name, {.colour = colour, .size = 14});
}

// At most 400 points, each the mean of its neighbours.
plot::Points loss_points(const std::vector<LogLine>& lines) {
  plot::Points points;
  const std::size_t group = lines.size() / 400 + 1;
  for (std::size_t first = 0; first < lines.size(); first += group) {
    const std::size_t last = std::min(lines.size(), first + group);
    double sum = 0.0;
    for (std::size_t i = first; i < last; ++i) sum += lines[i].loss;
    points.emplace_back(static_cast<double>(lines[last - 1].step), sum / static_cast<double>(last - first));
  }
  return points;
}

plot::Points validation_points(const std::vector<ValidationLine>& lines, double ValidationLine::*value) {
  plot::Points points;
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
  plot::Picture picture(
      {.width = 820, .height = decoded ? 600.0 : 300.0, .font_size = 11, .size = plot::PictureOptions::Size::of_page});
  const plot::Axes loss = draw_panel(picture, 40, last_step, {low, high}, "loss (nats)");
  draw_curve(picture, loss, training, 0, "training", kTraining);
  if (!validation.empty()) draw_curve(picture, loss, validation, 1, "validation", kValidation);
  if (!decoded) return picture.svg();
  const plot::Axes f1 = draw_panel(picture, 330, last_step, {0.0, best_f1}, "note F1, free decoding");
  draw_curve(picture, f1, validation_points(validations, &ValidationLine::melody_f1), 0, "melody", kMelody);
  draw_curve(picture, f1, validation_points(validations, &ValidationLine::all_f1), 1, "all notes", kAllNotes);
  return picture.svg();
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
