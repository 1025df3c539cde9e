// SPDX-License-Identifier: MIT
// Sums over pairs of numbers, from which variances, covariance, correlation and a regression line follow.
#pragma once

namespace pop2piano {

struct PairSums {
  double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  void add(double a, double b) { n += 1, x += a, y += b, xx += a * a, yy += b * b, xy += a * b; }
  [[nodiscard]] double var_x() const { return xx / n - x / n * (x / n); }
  [[nodiscard]] double var_y() const { return yy / n - y / n * (y / n); }
  [[nodiscard]] double covariance() const { return xy / n - x / n * (y / n); }
};

}  // namespace pop2piano
