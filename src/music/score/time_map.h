// SPDX-License-Identifier: MIT
// Where moments of one performance lie in another: straight lines between points, parallel to the clock beyond them.
#pragma once

#include <utility>
#include <vector>

namespace pop2piano {

struct TimeMap {
  std::vector<std::pair<double, double>> points;  ///< (seconds here, seconds there), both ascending; none: identity

  [[nodiscard]] double at(double seconds) const;
};

}  // namespace pop2piano
