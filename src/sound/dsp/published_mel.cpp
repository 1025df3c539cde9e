// SPDX-License-Identifier: MIT
#include "sound/dsp/published_mel.h"

#include <pop2piano/error.h>

#include <complex>
#include <cstdint>
#include <string>
#include <vector>

#include "sound/dsp/fft.h"

namespace pop2piano {
namespace {

// Index mirrored at both ends without repeating the end samples.
std::size_t reflected(std::int64_t index, std::int64_t size) {
  if (index < 0) index = -index;
  if (index >= size) index = 2 * (size - 1) - index;
  return static_cast<std::size_t>(index);
}

}  // namespace

Matrix<float> published_log_mel(std::span<const float> samples, const MelFilterbank& filterbank, std::size_t hop) {
  const std::size_t n_fft = 2 * (filterbank.bins() - 1);
  if (samples.size() <= n_fft / 2) {
    throw Error(ErrorCode::invalid_argument, "mel segment of " + std::to_string(samples.size()) +
                                                 " samples is too short: more than " + std::to_string(n_fft / 2) +
                                                 " are needed");
  }
  const std::vector<float> window = periodic_hann(n_fft);
  RealFft fft(n_fft);
  std::vector<float> frame(n_fft);
  std::vector<std::complex<float>> spectrum(fft.bins());
  Matrix<float> result(1 + samples.size() / hop, filterbank.bands());
  for (std::size_t row = 0; row < result.rows(); ++row) {
    const auto start = static_cast<std::int64_t>(row * hop) - static_cast<std::int64_t>(n_fft / 2);
    for (std::size_t n = 0; n < n_fft; ++n) {
      const std::size_t at = reflected(start + static_cast<std::int64_t>(n), static_cast<std::int64_t>(samples.size()));
      frame[n] = window[n] * samples[at];
    }
    fft.forward(frame, spectrum);
    filterbank.log_energies(spectrum, 1e-6F, result.row(row));
  }
  return result;
}

}  // namespace pop2piano
