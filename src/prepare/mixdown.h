// SPDX-License-Identifier: MIT
// Plays an arrangement and records it: tracks, channel strips, sum, master.
#pragma once

#include <vector>

#include "prepare/arrangement.h"

namespace pop2piano {

/// Mono at BandSynth::kSampleRate, within [-1, 1].
[[nodiscard]] std::vector<float> mix_down(const Arrangement& arrangement, BandSynth& synth);

/// Level so that peaks stand `crest_db` above the RMS and nothing exceeds `peak`: gain, then a limiter with 3 ms of
/// foresight.
void apply_limiter(std::vector<float>& samples, double sample_rate, double crest_db, double peak);

}  // namespace pop2piano
