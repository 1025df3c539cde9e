// SPDX-License-Identifier: MIT
// Whether two recordings are the same song: Qmax of Serra, Serra, Andrzejak, "Cross recurrence quantification for cover
// song identification", New Journal of Physics 11, 2009.
#pragma once

#include <pop2piano/measure.h>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"

namespace pop2piano {

struct QmaxOptions {
  std::size_t embedding = 9;       ///< m, frames stacked into one state
  std::size_t delay = 1;           ///< tau, frames between them
  double neighbours = 0.095;       ///< kappa: share of states that count as near, seen from both songs
  double onset_penalty = 0.5;      ///< gamma_o, for leaving a matching run
  double extension_penalty = 0.5;  ///< gamma_e, for staying out of it
  bool transpose = true;           ///< bring the second into the first's key before
};

/// Profiles [frames, 12] of song and cover. sqrt(frames of the cover's states) / Qmax, as ChromaCoverId gives it and
/// AMT-APC reports: 0 towards infinity, lower is closer; 1 / sqrt(states) is identity. Undefined when either has fewer
/// frames than embedding * delay + 2, when one is silent, or when nothing recurs. Memory grows with the length, not its
/// square.
Measure qmax_distance(const Matrix<float>& song, const Matrix<float>& cover, ThreadPool& pool,
                      const QmaxOptions& options = {});

}  // namespace pop2piano
