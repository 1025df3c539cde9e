// SPDX-License-Identifier: MIT
#include "music/score/time_map.h"

#include <algorithm>
#include <iterator>

namespace pop2piano {

double TimeMap::at(double seconds) const {
  if (points.empty()) return seconds;
  const auto after = std::upper_bound(points.begin(), points.end(), seconds,
                                      [](double value, const auto& point) { return value < point.first; });
  if (after == points.begin()) return seconds + points.front().second - points.front().first;
  const auto& before = *std::prev(after);
  if (after == points.end()) return seconds + before.second - before.first;
  const double share = (seconds - before.first) / (after->first - before.first);
  return before.second + share * (after->second - before.second);
}

}  // namespace pop2piano
