// SPDX-License-Identifier: MIT
#include "listening/melody/spectral_peaks.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace pop2piano {
namespace {

// In four strands, which do not wait for each other.
float largest_of(std::span<const float> values) {
  std::array<float, 4> largest{};
  std::size_t k = 0;
  for (; k + largest.size() <= values.size(); k += largest.size()) {
    for (std::size_t i = 0; i < largest.size(); ++i) largest[i] = std::max(largest[i], values[k + i]);
  }
  for (; k < values.size(); ++k) largest[0] = std::max(largest[0], values[k]);
  return *std::max_element(largest.begin(), largest.end());
}

}  // namespace

SpectralPeakFinder::SpectralPeakFinder(const SpectralPeakOptions& options)
    : options_(options),
      fft_(options.fft_samples),
      window_(periodic_hann(options.frame_samples)),
      frame_(options.fft_samples),
      spectrum_(fft_.bins()),
      powers_(fft_.bins()) {
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
  for (std::size_t k = 0; k < spectrum_.size(); ++k) {
    powers_[k] = spectrum_[k].real() * spectrum_[k].real() + spectrum_[k].imag() * spectrum_[k].imag();
  }
  const float largest = std::sqrt(largest_of(powers_));
  const double hz_per_bin = static_cast<double>(options_.sample_rate) / static_cast<double>(options_.fft_samples);
  const auto first = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(options_.lowest / hz_per_bin)));
  const auto last = std::min(spectrum_.size() - 2, static_cast<std::size_t>(options_.highest / hz_per_bin));
  peaks_.clear();
  constexpr float kSilence = 1e-7F;          // -140 dB
  constexpr float kAlmostEqual = 1.000001F;  // powers that are nearer may have equal magnitudes
  const float least = std::max(kSilence, largest * static_cast<float>(std::pow(10.0, -options_.range / 20.0)));
  for (std::size_t k = first; k <= last; ++k) {
    if (powers_[k] <= powers_[k - 1] || powers_[k] * kAlmostEqual < powers_[k + 1]) continue;  // most, without a root
    const float before = std::sqrt(powers_[k - 1]), here = std::sqrt(powers_[k]), after = std::sqrt(powers_[k + 1]);
    if (here < least || here <= before || here < after) continue;
    const float a = std::log(std::max(before, kSilence)), b = std::log(here), c = std::log(std::max(after, kSilence));
    const float bend = a - 2.0F * b + c;
    const float shift = bend < 0.0F ? std::clamp(0.5F * (a - c) / bend, -0.5F, 0.5F) : 0.0F;
    peaks_.push_back(
        {static_cast<float>((static_cast<double>(k) + shift) * hz_per_bin), std::exp(b - 0.25F * (a - c) * shift)});
  }
  return peaks_;
}

}  // namespace pop2piano
