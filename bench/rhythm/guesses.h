// SPDX-License-Identifier: MIT
// Whether the tracker is right as often as it says: chances of downbeats, metre and tempo against known beats.
#pragma once

#include <filesystem>
#include <vector>

namespace pop2piano::bench {

/// Prints the share right for each tenth of the chances, and the loss of other settings of the model of bars.
void measure_guesses(const std::vector<std::filesystem::path>& folders, std::size_t most);

}  // namespace pop2piano::bench
