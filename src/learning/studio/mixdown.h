// SPDX-License-Identifier: MIT
// Plays an arrangement and records it: tracks, channel strips, sum, master.
#pragma once

#include <span>
#include <vector>

#include "learning/studio/arrangement.h"

namespace pop2piano {

/// Mono at BandSynth::kSampleRate, within [-1, 1]. A mix of two channels goes through the master and the coders as
/// such and is folded then.
[[nodiscard]] std::vector<float> mix_down(const Arrangement& arrangement, BandSynth& synth);

/// Level so that peaks stand `crest_db` above the RMS of the loudest channel and nothing exceeds `peak`: gain, then a
/// limiter with 3 ms of foresight, the same for all channels. They have the same length.
void apply_limiter(std::span<std::vector<float>> channels, double sample_rate, double crest_db, double peak);

}  // namespace pop2piano
