// SPDX-License-Identifier: MIT
#include "sound/dsp/filterbank.h"

#include <algorithm>
#include <cmath>

namespace pop2piano {

Filterbank::Filterbank(std::span<const Triangle> triangles, std::size_t bins, double bin_hz)
    : bins_(bins), filters_(triangles.size()) {
  for (std::size_t band = 0; band < triangles.size(); ++band) {
    const auto [left, centre, right] = triangles[band];
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

void Filterbank::log_energies(std::span<const std::complex<float>> spectrum, float floor, std::span<float> out) const {
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
