// SPDX-License-Identifier: MIT
// Log-mel frames of a segment as the published Pop2Piano computes them (torchaudio MelSpectrogram): frames every `hop`
// samples, centred, reflected at the edges, power, log(max(x, 1e-6)).
#pragma once

#include <cstddef>
#include <span>

#include "base/core/matrix.h"
#include "sound/dsp/mel.h"

namespace pop2piano {

/// samples [n] -> [1 + n / hop, bands]. Throws Error(invalid_argument) when the segment is shorter than n_fft / 2 + 1
/// samples (it cannot be reflected).
Matrix<float> published_log_mel(std::span<const float> samples, const MelFilterbank& filterbank,
                                std::size_t hop = 1024);

}  // namespace pop2piano
