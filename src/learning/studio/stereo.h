// SPDX-License-Identifier: MIT
// Mono tracks in a mix of two channels, and the fold back to one that every listener of ours makes: what is panned
// aside gets softer, what is widened gets combs and dips.
#pragma once

#include <span>
#include <vector>

#include "base/core/random.h"

namespace pop2piano {

/// [channels][samples], one or two channels of the same length.
using Channels = std::vector<std::vector<float>>;

enum class Widening {
  none,
  haas,    ///< one side later by delay_s: a comb in the fold
  chorus,  ///< each side has moving copies of its own, as double takes and stereo choruses have
  phase    ///< one side through an all-pass around phase_hz: a dip there in the fold
};

struct StereoPlace {
  double pan = 0;  ///< -1 left .. 1 right; constant power, 0 dB in the middle
  Widening widening = Widening::none;
  double delay_s = 0.015;
  double phase_hz = 800;
};

/// Adds the track to the mix; to a mix of one channel as it is.
void add_placed(std::span<const float> track, const StereoPlace& place, double sample_rate, Random random,
                Channels& mix);

/// The mean of the channels, as the product's decoder makes it.
[[nodiscard]] std::vector<float> folded(Channels mix);

}  // namespace pop2piano
