// SPDX-License-Identifier: MIT
// When tones of each pitch class begin in a sound.
#pragma once

#include <span>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"

namespace pop2piano {

/// Of mono samples at kAnalysisSampleRate: [frames, 12] at kProfileRate, column 0 = C: by how much the level of the
/// semitones of a pitch class is higher 80 ms after the frame's centre than 80 ms before it, above the mean of all
/// classes, so that what sounds in all of them (a drum) counts little. `tuning`: semitones off 440 Hz.
[[nodiscard]] Matrix<float> class_rises(std::span<const float> samples, double tuning, ThreadPool& pool);

}  // namespace pop2piano
