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
      spectrum_(options.frame_samples, options.hop_samples, make_filters(),
                [this](std::span<const float> magnitudes, float power) { visit(magnitudes, power); }),
      recent_(options.lag_frames + 1, groups_.size()) {}

std::vector<BandFilter> OnsetStrength::make_filters() {
  std::vector<BandFilter> filters;
  const auto bins = centre_bins(options_);
  const double bin_width = static_cast<double>(options_.sample_rate) / static_cast<double>(options_.frame_samples);
  for (std::size_t i = 0; i + 2 < bins.size(); ++i) {
    const std::size_t low = bins[i], centre = bins[i + 1], high = bins[i + 2];
    BandFilter filter{.first_bin = low + 1, .weights = {}};
    for (std::size_t bin = low + 1; bin < high; ++bin) {
      const auto reach = static_cast<float>(bin <= centre ? centre - low : high - centre);
      const auto distance = static_cast<float>(bin <= centre ? centre - bin : bin - centre);
      filter.weights.push_back(1.0f - distance / reach);
    }
    filter.normalise();
    filters.push_back(std::move(filter));
    const double frequency = static_cast<double>(centre) * bin_width;
    groups_.push_back(static_cast<std::size_t>(
        std::upper_bound(kOnsetBandEdges.begin(), kOnsetBandEdges.end(), frequency) - kOnsetBandEdges.begin()));
    group_sizes_[groups_.back()] += 1.0f;
  }
  if (filters.empty()) throw Error(ErrorCode::invalid_argument, "onset strength: no band between lowest and highest");
  return filters;
}

void OnsetStrength::push(std::span<const float> block) { spectrum_.push(block); }

void OnsetStrength::finish() { spectrum_.finish(); }

void OnsetStrength::visit(std::span<const float> magnitudes, float power) {
  power_.push_back(power);
  const std::size_t t = strength_.rows(), ring = options_.lag_frames + 1;
  const auto now = recent_.row(t % ring);
  for (std::size_t b = 0; b < now.size(); ++b) now[b] = std::log1p(options_.compression * magnitudes[b]);
  add_rise(now, recent_.row((t + 1) % ring));
}

void OnsetStrength::add_rise(std::span<const float> now, std::span<const float> before) {
  std::array<float, kOnsetBands> rise{};
  const std::size_t bands = now.size();
  for (std::size_t b = 0; b < bands; ++b) {
    float past = before[b];
    if (b > 0) past = std::max(past, before[b - 1]);
    if (b + 1 < bands) past = std::max(past, before[b + 1]);
    rise[groups_[b]] += std::max(0.0f, now[b] - past);
  }
  for (std::size_t g = 0; g < kOnsetBands; ++g) rise[g] /= std::max(1.0f, group_sizes_[g]);
  strength_.append_row(rise);
}

}  // namespace pop2piano
