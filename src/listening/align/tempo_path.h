// SPDX-License-Identifier: MIT
// When in a recording the onsets of a performance come, where it is roughly known: a bar-pointer model whose states are
// a place in the recording and a tempo, so that the performance runs through the recording at a tempo that changes
// little from one onset to the next. (After Raphael 1999, "Automatic segmentation of acoustic musical signals using
// hidden Markov models", and Krebs, Boeck, Widmer 2015 for place and tempo as one state.)
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace pop2piano {

struct TempoPathOptions {
  double reach = 0.6;    ///< seconds to either side of the rough places that are tried
  double step = 0.01;    ///< seconds from one place to the next
  double slowest = 0.7;  ///< seconds of the recording in a second of the performance
  double fastest = 1.43;
  double tempo_step = 0.02;    ///< of a tempo, to the next
  double change = 3.0;         ///< price of the next tempo; of the one after it four times as much
  double early_or_late = 0.5;  ///< price of an onset that comes one step before or behind its tempo's
};

/// How much like an onset of number `onset` the recording is at `seconds`; about 0 on average, 1 a standard deviation.
using OnsetLikeness = std::function<float(std::size_t onset, double seconds)>;

/// `onsets`: seconds in the performance, ascending; `rough`: seconds in the recording of each. Returns the best seconds
/// in the recording of each, ascending (Viterbi).
[[nodiscard]] std::vector<double> tempo_path(std::span<const double> onsets, std::span<const double> rough,
                                             const OnsetLikeness& likeness, const TempoPathOptions& options = {});

}  // namespace pop2piano
