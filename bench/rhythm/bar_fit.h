// SPDX-License-Identifier: MIT
// Learns from songs with known bars what the network's downbeats and the harmony say for the first beat of a bar
// (rhythm/bar_evidence.h).
#pragma once

#include <filesystem>
#include <vector>

namespace pop2piano::bench {

/// Logistic regression over the beats of the songs whose beats are found at their own tempo; each song counts alike.
/// The network should not have learnt from these songs: it is surer of those than of others. Prints for each folder
/// the downbeat F of bars as decoded, of the second pass without harmony, with it, and without short bars; and the
/// weights.
void fit_bars(const std::vector<std::filesystem::path>& folders, const std::vector<std::filesystem::path>& strangers,
              std::size_t most);

}  // namespace pop2piano::bench
