// SPDX-License-Identifier: MIT
// Learns from songs with known beats which of two tempi an octave apart is tapped (rhythm/tempo_level.h).
#pragma once

#include <filesystem>
#include <vector>

namespace pop2piano::bench {

/// Logistic regression on what the network hears of the songs, with several choices of inputs; both answers count
/// alike. Prints how often each choice is right, on the songs by turns (each sixth by what the others teach) and on
/// `strangers`, which teach nothing, and the weights.
void fit_levels(const std::vector<std::filesystem::path>& folders, const std::vector<std::filesystem::path>& strangers,
                std::size_t most);

}  // namespace pop2piano::bench
