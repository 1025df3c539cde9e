// SPDX-License-Identifier: MIT
#include "sound/dsp/mel.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>

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

}  // namespace

MelFilterbank::MelFilterbank(const MelOptions& options) : bins_(options.n_fft / 2 + 1), filters_(options.bands) {
  check(options);
  const double low = hz_to_mel(options.f_min);
  const double step = (hz_to_mel(options.f_max) - low) / static_cast<double>(options.bands + 1);
  const double bin_hz = static_cast<double>(options.sample_rate) / static_cast<double>(options.n_fft);
  for (std::size_t band = 0; band < options.bands; ++band) {
    const double left = mel_to_hz(low + step * static_cast<double>(band));
    const double centre = mel_to_hz(low + step * static_cast<double>(band + 1));
    const double right = mel_to_hz(low + step * static_cast<double>(band + 2));
    Filter& filter = filters_[band];
    for (std::size_t bin = 0; bin < bins_; ++bin) {
      const double hz = static_cast<double>(bin) * bin_hz;
      const double weight = std::min((hz - left) / (centre - left), (right - hz) / (right - centre));
      if (weight <= 0) continue;
      if (filter.weights.empty()) filter.first_bin = bin;
      filter.weights.push_back(static_cast<float>(weight));
    }
  }
}

void MelFilterbank::log_energies(std::span<const std::complex<float>> spectrum, float floor,
                                 std::span<float> out) const {
  for (std::size_t band = 0; band < filters_.size(); ++band) {
    const Filter& filter = filters_[band];
    float energy = 0;
    for (std::size_t i = 0; i < filter.weights.size(); ++i) {
      energy += filter.weights[i] * std::norm(spectrum[filter.first_bin + i]);
    }
    out[band] = std::log(std::max(energy, floor));
  }
}

}  // namespace pop2piano
