// SPDX-License-Identifier: MIT
// Beam search: the likeliest sequences of each segment are followed side by side.
#pragma once

#include <pop2piano/model.h>

#include <vector>

#include "numbers/model/network.h"

namespace pop2piano {

/// As generate() with options.beams > 1. A sequence is ranked by its log-probability / length ^ length_penalty (the end
/// counts as a token); the search of a segment ends when no open sequence can overtake the finished ones at its length.
[[nodiscard]] std::vector<SegmentTokens> search_beams(const Network& network, const GenerateRequest& request,
                                                      const GenerateOptions& options, ThreadPool& pool,
                                                      const Monitor& monitor);

}  // namespace pop2piano
