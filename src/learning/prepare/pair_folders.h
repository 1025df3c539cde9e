// SPDX-License-Identifier: MIT
// The folders of the pairs in a folder that prepare_pairs() filled.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pop2piano {

/// Their names, ascending. Throws Error(not_found) when there is no folder `pairs` in `folder`.
[[nodiscard]] std::vector<std::string> pair_folders(const std::filesystem::path& folder);

}  // namespace pop2piano
