// SPDX-License-Identifier: MIT
#include "learning/records/statistics_plot.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/plot/axes.h"

namespace pop2piano {
namespace {

constexpr double kPanelWidth = 300, kPanelHeight = 170, kMargin = 46, kBesideEachOther = 3;
constexpr std::string_view kColourA = "#1f77b4", kColourB = "#d62728";

using Rows = std::span<const StatisticsComparison::Row>;

plot::Range range_of(Rows rows) {
  double low = 1e300, high = -1e300;
  for (const auto& row : rows) {
    low = std::min({low, row.mean_a - row.sd_a, row.mean_b - row.sd_b});
    high = std::max({high, row.mean_a + row.sd_a, row.mean_b + row.sd_b});
  }
  return {low, std::max(high, low + 1e-9)};
}

void draw_frame(plot::Picture& picture, const plot::Axes& axes, const plot::Range& values, const std::string& name) {
  const plot::Box& box = axes.box();
  const plot::TextStyle number{.anchor = plot::Anchor::end};
  picture.rectangle(box, "none", "#bbb");
  picture.text({box.left, box.top - 6}, name.substr(0, name.find(" 1")));
  picture.text({box.left - 4, box.top + 10}, fmt::format("{:.2f}", values.high), number);
  picture.text({box.left - 4, box.top + box.height}, fmt::format("{:.2f}", values.low), number);
}

void draw_panel(plot::Picture& picture, Rows rows, double left, double top) {
  const plot::Range values = range_of(rows);
  const plot::Axes axes({left, top, kPanelWidth - kMargin, kPanelHeight - kMargin},
                        {0.0, static_cast<double>(rows.size())}, values);
  draw_frame(picture, axes, values, rows.front().name);
  plot::Points a, b;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const double x = axes.x(static_cast<double>(i) + 0.5);
    a.emplace_back(x - kBesideEachOther, axes.y(row.mean_a));
    b.emplace_back(x + kBesideEachOther, axes.y(row.mean_b));
    picture.line({a.back().first, axes.y(row.mean_a - row.sd_a)}, {a.back().first, axes.y(row.mean_a + row.sd_a)},
                 {.colour = kColourA});
    picture.line({b.back().first, axes.y(row.mean_b - row.sd_b)}, {b.back().first, axes.y(row.mean_b + row.sd_b)},
                 {.colour = kColourB});
    const std::size_t space = row.name.rfind(' ', row.name.size() - 4);
    picture.text({x, top + axes.box().height + 12}, row.name.substr(space + 1),
                 {.size = 8, .anchor = plot::Anchor::middle});
  }
  picture.curve(a, {.colour = kColourA, .width = 2});
  picture.curve(b, {.colour = kColourB, .width = 2});
}

}  // namespace

std::string statistics_plot(const StatisticsComparison& comparison, const std::string& name_a,
                            const std::string& name_b) {
  const std::size_t panels = comparison.rows.size() / kBandGroups;
  plot::Picture picture({.width = 2 * kPanelWidth + kMargin,
                         .height = 40 + kPanelHeight * static_cast<double>((panels + 1) / 2),
                         .font_size = 11});
  picture.text({kMargin, 16}, name_a, {.colour = kColourA});
  picture.text({kMargin + kPanelWidth, 16}, name_b, {.colour = kColourB});
  for (std::size_t p = 0; p < panels; ++p) {
    draw_panel(picture, Rows(comparison.rows).subspan(p * kBandGroups, kBandGroups),
               kMargin + kPanelWidth * static_cast<double>(p % 2), 44 + kPanelHeight * static_cast<double>(p / 2));
  }
  return picture.svg();
}

}  // namespace pop2piano
