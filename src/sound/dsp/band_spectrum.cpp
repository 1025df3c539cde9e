// SPDX-License-Identifier: MIT
#include "sound/dsp/band_spectrum.h"

#include <cmath>
#include <utility>

namespace pop2piano {

void BandFilter::normalise() {
  float sum = 0;
  for (const float w : weights) sum += w;
  for (float& w : weights) w /= sum;
}

BandSpectrum::BandSpectrum(std::size_t frame_samples, std::size_t hop_samples, std::vector<BandFilter> filters,
                           Visit visit)
    : frames_(frame_samples, hop_samples),
      fft_(frame_samples),
      window_(periodic_hann(frame_samples)),
      windowed_(frame_samples),
      spectrum_(fft_.bins()),
      filters_(std::move(filters)),
      magnitudes_(filters_.size()),
      visit_(std::move(visit)) {
  const float scale = 2.0f / static_cast<float>(frame_samples);
  for (float& w : window_) w *= scale;
}

void BandSpectrum::push(std::span<const float> block) {
  frames_.push(block, [this](std::span<const float> frame) { see(frame); });
}

void BandSpectrum::finish() {
  frames_.finish([this](std::span<const float> frame) { see(frame); });
}

void BandSpectrum::see(std::span<const float> frame) {
  float power = 0;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    windowed_[i] = frame[i] * window_[i];
    power += frame[i] * frame[i];
  }
  fft_.forward(windowed_, spectrum_);
  for (std::size_t b = 0; b < filters_.size(); ++b) {
    const BandFilter& filter = filters_[b];
    float magnitude = 0;
    for (std::size_t i = 0; i < filter.weights.size(); ++i) {
      magnitude += filter.weights[i] * std::sqrt(std::norm(spectrum_[filter.first_bin + i]));
    }
    magnitudes_[b] = magnitude;
  }
  visit_(magnitudes_, power / static_cast<float>(frame.size()));
}

}  // namespace pop2piano
