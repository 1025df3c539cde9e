// SPDX-License-Identifier: MIT
// Learns from songs with known beats which of two tempi an octave apart is tapped (rhythm/tempo_level.h).
#pragma once

#include <filesystem>
#include <vector>

namespace pop2piano::bench {

/// Logistic regression on what the network hears of the songs; both answers count
/// alike. Prints the weights and how often the tracker's own and the new ones are right.
void fit_levels(const std::vector<std::filesystem::path>& folders, std::size_t most);

}  // namespace pop2piano::bench
