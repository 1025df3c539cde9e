// SPDX-License-Identifier: MIT
// Covers that are in a set twice: of all pairs that passed the filter, in the order of their names, one whose
// performance an earlier one has is dropped. What comes out depends on the set only, not on which pair was ready first.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano {

struct Doubles {
  std::vector<std::string> dropped;  ///< names of pairs that were dropped by this call
  std::vector<std::string>
      wanted_again;  ///< were dropped before, but are doubles no more: their records are to be made
};

/// `folder`: of prepare_pairs(). Pairs that other processes work at are left to them: they call this at their end.
Doubles drop_doubles(const std::filesystem::path& folder);

}  // namespace pop2piano
