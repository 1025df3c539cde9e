// SPDX-License-Identifier: MIT
#include "sound/dsp/mel.h"

#include <pop2piano/error.h>

#include <cmath>
#include <string>
#include <vector>

namespace pop2piano {
namespace {

double hz_to_mel(double hz) { return 2595.0 * std::log10(1.0 + hz / 700.0); }
double mel_to_hz(double mel) { return 700.0 * (std::pow(10.0, mel / 2595.0) - 1.0); }

void check(const MelOptions& o) {
  if (o.bands == 0 || o.n_fft < 2 || o.f_min < 0 || o.f_min >= o.f_max || o.f_max > o.sample_rate / 2.0) {
    throw Error(ErrorCode::invalid_argument,
                "mel filterbank: need 0 <= f_min < f_max <= " + std::to_string(o.sample_rate / 2.0) + " Hz, got " +
                    std::to_string(o.f_min) + ".." + std::to_string(o.f_max) + " with " + std::to_string(o.bands) +
                    " bands");
  }
}

std::vector<Triangle> triangles(const MelOptions& options) {
  check(options);
  const double low = hz_to_mel(options.f_min);
  const double step = (hz_to_mel(options.f_max) - low) / static_cast<double>(options.bands + 1);
  std::vector<Triangle> result(options.bands);
  for (std::size_t band = 0; band < options.bands; ++band) {
    result[band] = {mel_to_hz(low + step * static_cast<double>(band)),
                    mel_to_hz(low + step * static_cast<double>(band + 1)),
                    mel_to_hz(low + step * static_cast<double>(band + 2))};
  }
  return result;
}

}  // namespace

MelFilterbank::MelFilterbank(const MelOptions& options)
    : Filterbank(triangles(options), options.n_fft / 2 + 1,
                 static_cast<double>(options.sample_rate) / static_cast<double>(options.n_fft)) {}

}  // namespace pop2piano
