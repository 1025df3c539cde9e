// SPDX-License-Identifier: MIT
#include "sound/dsp/fft.h"

#include <pop2piano/error.h>

#include <cmath>
#include <numbers>
#include <string>

#include <kiss_fftr.h>

namespace pop2piano {

struct RealFft::Plans {
  kiss_fftr_cfg forward = nullptr;
  kiss_fftr_cfg inverse = nullptr;
  ~Plans() {
    kiss_fftr_free(forward);
    kiss_fftr_free(inverse);
  }
};

RealFft::RealFft(std::size_t size) : size_(size), plans_(std::make_unique<Plans>()) {
  if (size < 2 || size % 2 != 0) {
    throw Error(ErrorCode::invalid_argument, "FFT size must be even and at least 2, got " + std::to_string(size));
  }
  plans_->forward = kiss_fftr_alloc(static_cast<int>(size), 0, nullptr, nullptr);
  plans_->inverse = kiss_fftr_alloc(static_cast<int>(size), 1, nullptr, nullptr);
  if (plans_->forward == nullptr || plans_->inverse == nullptr) throw std::bad_alloc();
}

RealFft::~RealFft() = default;
RealFft::RealFft(RealFft&&) noexcept = default;
RealFft& RealFft::operator=(RealFft&&) noexcept = default;

void RealFft::forward(std::span<const float> time, std::span<std::complex<float>> spectrum) {
  static_assert(sizeof(kiss_fft_cpx) == sizeof(std::complex<float>));
  kiss_fftr(plans_->forward, time.data(), reinterpret_cast<kiss_fft_cpx*>(spectrum.data()));
}

void RealFft::inverse(std::span<const std::complex<float>> spectrum, std::span<float> time) {
  kiss_fftri(plans_->inverse, reinterpret_cast<const kiss_fft_cpx*>(spectrum.data()), time.data());
  const float scale = 1.0F / static_cast<float>(size_);
  for (float& x : time) x *= scale;
}

std::vector<float> periodic_hann(std::size_t size) {
  std::vector<float> window(size);
  for (std::size_t n = 0; n < size; ++n) {
    const double phase = 2.0 * std::numbers::pi * static_cast<double>(n) / static_cast<double>(size);
    window[n] = static_cast<float>(0.5 - 0.5 * std::cos(phase));
  }
  return window;
}

}  // namespace pop2piano
