// SPDX-License-Identifier: MIT
// Maximum matchings, which decide how many reference events an estimate has found.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace pop2piano {

/// The number of pairs in a largest set of pairs (reference, estimate) that lie at most `window` apart, each event used
/// once. Both sorted. Linear time: intervals of one width need no search for augmenting paths.
std::size_t count_matched_events(std::span<const double> reference, std::span<const double> estimate, double window);

/// A largest matching of a bipartite graph (Hopcroft and Karp 1973). `edges[left]` lists right vertices below
/// `right_count`. Returns for each left vertex its partner.
std::vector<std::optional<std::size_t>> maximum_matching(std::span<const std::vector<std::size_t>> edges,
                                                         std::size_t right_count);

/// Harmonic mean of precision and recall; 0 when both are 0.
double f_measure(double precision, double recall);

}  // namespace pop2piano
