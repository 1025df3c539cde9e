// SPDX-License-Identifier: MIT
// How far the pairs of a folder are: counted from their states.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "learning/prepare/pair_state.h"

namespace pop2piano {

struct PrepareStatus {
  std::size_t pairs = 0;                               ///< folders
  std::size_t waiting = 0;                             ///< of them, that no stage has ended for
  std::size_t records = 0;                             ///< of them, whose records are made
  std::array<std::size_t, kStageNames.size()> done{};  ///< pairs that have gone through each stage
  std::map<std::string, std::size_t> dropped, failed;  ///< by the kind of the reason
  std::array<double, kStageNames.size()> seconds{};    ///< of all pairs, spent in each stage
  std::vector<std::string> damaged;                    ///< state files that cannot be read, and why
};

/// Throws Error(not_found) where the folder is none of prepare_pairs().
[[nodiscard]] PrepareStatus prepare_status(const std::filesystem::path& folder);

}  // namespace pop2piano
