// SPDX-License-Identifier: MIT
// Mel filterbank after HTK (O'Shaughnessy 1987: 2595 log10(1 + f/700)), triangles of height 1, no area normalisation.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace pop2piano {

struct MelOptions {
  int sample_rate = 22050;
  std::size_t n_fft = 4096;
  std::size_t bands = 512;
  double f_min = 10.0;     ///< Hz, lower corner of the first band
  double f_max = 11025.0;  ///< Hz, upper corner of the last band
};

/// Immutable after construction; apply() may be called from several threads.
class MelFilterbank {
 public:
  /// Throws Error(invalid_argument) unless 0 <= f_min < f_max <= sample_rate / 2 and bands > 0.
  explicit MelFilterbank(const MelOptions& options);

  [[nodiscard]] std::size_t bands() const { return filters_.size(); }
  [[nodiscard]] std::size_t bins() const { return bins_; }
  /// |spectrum|^2 [bins] -> log(max(band energy, floor)) [bands]
  void log_energies(std::span<const std::complex<float>> spectrum, float floor, std::span<float> out) const;

 private:
  struct Filter {
    std::size_t first_bin = 0;
    std::vector<float> weights;  // [bins of the triangle]; empty where the triangle falls between two bins
  };
  std::size_t bins_ = 0;
  std::vector<Filter> filters_;
};

}  // namespace pop2piano
