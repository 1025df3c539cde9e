// SPDX-License-Identifier: MIT
// Fourier transform of real signals (kissfft) and the window that the project uses.
#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace pop2piano {

/// Unnormalised forward and inverse DFT of one fixed even size. Not thread-safe (scratch inside); one per thread.
class RealFft {
 public:
  /// Throws Error(invalid_argument) unless `size` is even and at least 2.
  explicit RealFft(std::size_t size);
  ~RealFft();
  RealFft(RealFft&&) noexcept;
  RealFft& operator=(RealFft&&) noexcept;

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t bins() const { return size_ / 2 + 1; }
  /// time [size] -> spectrum [bins]
  void forward(std::span<const float> time, std::span<std::complex<float>> spectrum);
  /// spectrum [bins] -> time [size], scaled by 1/size, so that inverse(forward(x)) = x
  void inverse(std::span<const std::complex<float>> spectrum, std::span<float> time);

 private:
  struct Plans;
  std::size_t size_ = 0;
  std::unique_ptr<Plans> plans_;
};

/// 0.5 - 0.5 cos(2 pi n / size), n = 0..size-1.
std::vector<float> periodic_hann(std::size_t size);

}  // namespace pop2piano
