// SPDX-License-Identifier: MIT
#include "sound/dsp/onset_strength.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace pop2piano {
namespace {

void check(const OnsetStrengthOptions& options) {
  const bool usable = options.sample_rate > 0 && options.lag_frames >= 1 && options.bands_per_octave > 0 &&
                      options.lowest > 0 && options.highest > options.lowest &&
                      options.highest <= options.sample_rate / 2.0 && options.compression > 0;
  if (!usable) {
    throw Error(ErrorCode::invalid_argument,
                "onset strength: expected a positive rate, lag and compression and 0 < lowest < highest <= rate / 2, "
                "found rate " +
                    std::to_string(options.sample_rate) + ", " + std::to_string(options.lowest) + " to " +
                    std::to_string(options.highest) + " Hz; correct the options");
  }
}

// Bins nearest to logarithmically spaced frequencies, each once: at the low end every bin is its own band.
std::vector<std::size_t> centre_bins(const OnsetStrengthOptions& options) {
  std::vector<std::size_t> bins;
  const double bin_width = static_cast<double>(options.sample_rate) / static_cast<double>(options.frame_samples);
  for (int i = 0;; ++i) {
    const double frequency = options.lowest * std::exp2(i / options.bands_per_octave);
    if (frequency > options.highest) break;
    const auto bin = static_cast<std::size_t>(std::lround(frequency / bin_width));
    if (bin > 0 && (bins.empty() || bin > bins.back())) bins.push_back(bin);
  }
  return bins;
}

}  // namespace

OnsetStrength::OnsetStrength(const OnsetStrengthOptions& options)
    : options_((check(options), options)),
      frames_(options.frame_samples, options.hop_samples),
      fft_(options.frame_samples),
      window_(periodic_hann(options.frame_samples)),
      windowed_(options.frame_samples),
      spectrum_(fft_.bins()) {
  const float scale = 2.0f / static_cast<float>(options.frame_samples);
  for (float& w : window_) w *= scale;
  make_filters();
  recent_ = Matrix<float>(options.lag_frames + 1, filters_.size());
}

void OnsetStrength::make_filters() {
  const auto bins = centre_bins(options_);
  const double bin_width = static_cast<double>(options_.sample_rate) / static_cast<double>(options_.frame_samples);
  for (std::size_t i = 0; i + 2 < bins.size(); ++i) {
    const std::size_t low = bins[i], centre = bins[i + 1], high = bins[i + 2];
    Filter filter{.first_bin = low + 1, .weights = {}, .group = 0};
    float sum = 0;
    for (std::size_t bin = low + 1; bin < high; ++bin) {
      const auto reach = static_cast<float>(bin <= centre ? centre - low : high - centre);
      const auto distance = static_cast<float>(bin <= centre ? centre - bin : bin - centre);
      filter.weights.push_back(1.0f - distance / reach);
      sum += filter.weights.back();
    }
    for (float& w : filter.weights) w /= sum;
    const double frequency = static_cast<double>(centre) * bin_width;
    filter.group = static_cast<std::size_t>(
        std::upper_bound(kOnsetBandEdges.begin(), kOnsetBandEdges.end(), frequency) - kOnsetBandEdges.begin());
    group_sizes_[filter.group] += 1.0f;
    filters_.push_back(std::move(filter));
  }
  if (filters_.empty()) throw Error(ErrorCode::invalid_argument, "onset strength: no band between lowest and highest");
}

void OnsetStrength::push(std::span<const float> block) {
  frames_.push(block, [this](std::span<const float> frame) { visit(frame); });
}

void OnsetStrength::finish() {
  frames_.finish([this](std::span<const float> frame) { visit(frame); });
}

void OnsetStrength::visit(std::span<const float> frame) {
  float power = 0;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    windowed_[i] = frame[i] * window_[i];
    power += frame[i] * frame[i];
  }
  power_.push_back(power / static_cast<float>(frame.size()));
  fft_.forward(windowed_, spectrum_);
  const std::size_t t = strength_.rows(), ring = options_.lag_frames + 1;
  const auto now = recent_.row(t % ring);
  for (std::size_t b = 0; b < filters_.size(); ++b) {
    const Filter& filter = filters_[b];
    float magnitude = 0;
    for (std::size_t i = 0; i < filter.weights.size(); ++i) {
      magnitude += filter.weights[i] * std::sqrt(std::norm(spectrum_[filter.first_bin + i]));
    }
    now[b] = std::log1p(options_.compression * magnitude);
  }
  add_rise(now, recent_.row((t + 1) % ring));
}

void OnsetStrength::add_rise(std::span<const float> now, std::span<const float> before) {
  std::array<float, kOnsetBands> rise{};
  const std::size_t bands = now.size();
  for (std::size_t b = 0; b < bands; ++b) {
    float past = before[b];
    if (b > 0) past = std::max(past, before[b - 1]);
    if (b + 1 < bands) past = std::max(past, before[b + 1]);
    rise[filters_[b].group] += std::max(0.0f, now[b] - past);
  }
  for (std::size_t g = 0; g < kOnsetBands; ++g) rise[g] /= std::max(1.0f, group_sizes_[g]);
  strength_.append_row(rise);
}

}  // namespace pop2piano
