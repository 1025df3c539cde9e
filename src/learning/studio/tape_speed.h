// SPDX-License-Identifier: MIT
// Sound played faster or slower as from a tape: higher or lower by as much. (sound/audio/resampler.h goes between whole
// rates, to 28 bits; here any factor counts, and training hears the same samples wherever soxr is or is not.)
#pragma once

#include <vector>

namespace pop2piano {

/// `speed` times as fast; `speed` > 0. Linear interpolation is not enough for drums: a sinc under a Hann window of 12
/// samples to either side, cut off below both Nyquist frequencies; the ends, where it lacks neighbours, are silent.
[[nodiscard]] std::vector<float> at_tape_speed(const std::vector<float>& samples, double speed);

}  // namespace pop2piano
