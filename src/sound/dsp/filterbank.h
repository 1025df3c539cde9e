// SPDX-License-Identifier: MIT
// Triangular filters over the bins of a spectrum.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace pop2piano {

/// Height 1 at the centre, 0 at both corners.
struct Triangle {
  double left = 0, centre = 0, right = 0;  ///< Hz, ascending
};

/// Immutable after construction; log_energies() may be called from several threads.
class Filterbank {
 public:
  /// `bin_hz`: Hz from bin to bin.
  Filterbank(std::span<const Triangle> triangles, std::size_t bins, double bin_hz);

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
