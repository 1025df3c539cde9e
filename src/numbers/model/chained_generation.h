// SPDX-License-Identifier: MIT
// Segments that go on from one another (SegmentContinuation): the n-th segments of all chains are written together,
// each beginning with what the one before it left.
#pragma once

#include <pop2piano/model.h>

#include <vector>

#include "base/core/thread_pool.h"

namespace pop2piano {

/// As generate(), for a request with chains. Throws Error(invalid_argument) where they do not increase from 0.
[[nodiscard]] std::vector<SegmentTokens> generate_chains(const Model& model, const GenerateRequest& request,
                                                         const GenerateOptions& options, ThreadPool& pool,
                                                         const Monitor& monitor);

}  // namespace pop2piano
