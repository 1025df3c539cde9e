// SPDX-License-Identifier: MIT
#include "melody/spectral_peaks.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>

namespace pop2piano {

SpectralPeakFinder::SpectralPeakFinder(const SpectralPeakOptions& options)
    : options_(options),
      fft_(options.fft_samples),
      window_(periodic_hann(options.frame_samples)),
      frame_(options.fft_samples),
      spectrum_(fft_.bins()),
      magnitudes_(fft_.bins()) {
  if (options.frame_samples > options.fft_samples || options.lowest <= 0.0 || options.highest <= options.lowest ||
      options.highest > options.sample_rate / 2.0) {
    throw Error(
        ErrorCode::invalid_argument,
        "spectral peaks: expected 0 < lowest < highest <= half the sample rate and a frame within the transform");
  }
  float sum = 0.0F;
  for (const float w : window_) sum += w;
  for (float& w : window_) w *= 2.0F / sum;
}

std::span<const SpectralPeak> SpectralPeakFinder::find(std::span<const float> samples, std::ptrdiff_t centre) {
  const std::ptrdiff_t start = centre - static_cast<std::ptrdiff_t>(options_.frame_samples / 2);
  const auto count = static_cast<std::ptrdiff_t>(samples.size());
  for (std::size_t i = 0; i < options_.frame_samples; ++i) {
    const std::ptrdiff_t at = start + static_cast<std::ptrdiff_t>(i);
    frame_[i] = at >= 0 && at < count ? samples[static_cast<std::size_t>(at)] * window_[i] : 0.0F;
  }
  fft_.forward(frame_, spectrum_);
  float largest = 0.0F;
  for (std::size_t k = 0; k < spectrum_.size(); ++k) {
    magnitudes_[k] = std::sqrt(spectrum_[k].real() * spectrum_[k].real() + spectrum_[k].imag() * spectrum_[k].imag());
    largest = std::max(largest, magnitudes_[k]);
  }
  const double hz_per_bin = static_cast<double>(options_.sample_rate) / static_cast<double>(options_.fft_samples);
  const auto first = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(options_.lowest / hz_per_bin)));
  const auto last = std::min(spectrum_.size() - 2, static_cast<std::size_t>(options_.highest / hz_per_bin));
  peaks_.clear();
  constexpr float kSilence = 1e-7F;  // -140 dB
  const float least = std::max(kSilence, largest * static_cast<float>(std::pow(10.0, -options_.range / 20.0)));
  for (std::size_t k = first; k <= last; ++k) {
    const float here = magnitudes_[k];
    if (here < least || here <= magnitudes_[k - 1] || here < magnitudes_[k + 1]) continue;
    const float a = std::log(std::max(magnitudes_[k - 1], kSilence)), b = std::log(here),
                c = std::log(std::max(magnitudes_[k + 1], kSilence));
    const float bend = a - 2.0F * b + c;
    const float shift = bend < 0.0F ? std::clamp(0.5F * (a - c) / bend, -0.5F, 0.5F) : 0.0F;
    peaks_.push_back(
        {static_cast<float>((static_cast<double>(k) + shift) * hz_per_bin), std::exp(b - 0.25F * (a - c) * shift)});
  }
  return peaks_;
}

}  // namespace pop2piano
