// SPDX-License-Identifier: MIT
// The plain version of maximum matching: every way to pair, for small problems.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

namespace pop2piano::testing {

/// Size of a largest matching; `fits(left, right)` says which pairs are allowed. At most some ten on the right.
inline std::size_t brute_force_matching(std::size_t left_count, std::size_t right_count,
                                        const std::function<bool(std::size_t, std::size_t)>& fits) {
  // best[set] = most pairs that use exactly left vertices seen so far and right vertices inside the set
  std::vector<std::size_t> best(std::size_t{1} << right_count, 0);
  for (std::size_t l = 0; l < left_count; ++l) {
    std::vector<std::size_t> next = best;
    for (std::size_t set = 0; set < best.size(); ++set) {
      for (std::size_t r = 0; r < right_count; ++r) {
        const std::size_t bit = std::size_t{1} << r;
        if ((set & bit) != 0 && fits(l, r)) next[set] = std::max(next[set], best[set & ~bit] + 1);
      }
    }
    best = next;
  }
  return best.back();
}

}  // namespace pop2piano::testing
