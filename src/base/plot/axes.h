// SPDX-License-Identifier: MIT
// A panel of a picture: where numbers lie in it.
#pragma once

#include "base/plot/picture.h"

namespace pop2piano::plot {

struct Range {
  double low = 0, high = 1;
};

/// Numbers to pixels of a box: x to the right, y upwards. An empty range counts as one of length 1.
class Axes {
 public:
  Axes(const Box& box, const Range& x, const Range& y);

  [[nodiscard]] const Box& box() const { return box_; }
  /// Also beside the box.
  [[nodiscard]] double x(double value) const;
  /// Values outside the range are drawn at its end.
  [[nodiscard]] double y(double value) const;
  /// Points of a curve.
  [[nodiscard]] Points at(const Points& values) const;

 private:
  Box box_;
  Range x_, y_;
};

}  // namespace pop2piano::plot
