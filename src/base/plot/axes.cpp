// SPDX-License-Identifier: MIT
#include "base/plot/axes.h"

#include <algorithm>

namespace pop2piano::plot {
namespace {

Range not_empty(const Range& range) { return range.high > range.low ? range : Range{range.low, range.low + 1.0}; }

}  // namespace

Axes::Axes(const Box& box, const Range& x, const Range& y) : box_(box), x_(not_empty(x)), y_(not_empty(y)) {}

double Axes::x(double value) const { return box_.left + (value - x_.low) / (x_.high - x_.low) * box_.width; }

double Axes::y(double value) const {
  const double share = (std::clamp(value, y_.low, y_.high) - y_.low) / (y_.high - y_.low);
  return box_.top + box_.height * (1.0 - share);
}

Points Axes::at(const Points& values) const {
  Points points;
  for (const auto& [x_value, y_value] : values) points.emplace_back(x(x_value), y(y_value));
  return points;
}

}  // namespace pop2piano::plot
