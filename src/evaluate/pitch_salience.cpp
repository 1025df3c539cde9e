// SPDX-License-Identifier: MIT
#include "evaluate/pitch_salience.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace pop2piano {
namespace {

constexpr std::ptrdiff_t kReach = 10;  // bins: a peak counts for pitches within a semitone, cos^2 of the distance
constexpr std::size_t kFramesPerBlock = 256;

class SalienceFrame {
 public:
  explicit SalienceFrame(const PitchSalienceOptions& options) : options_(options), finder_(options.peaks) {
    salience_.resize(options.bins);
    for (std::size_t h = 1; h <= options.harmonics; ++h) {
      shift_.push_back(1200.0 / kCentsPerSalienceBin * std::log2(static_cast<double>(h)));
      weight_.push_back(static_cast<float>(std::pow(options.harmonic_decay, static_cast<double>(h - 1))));
    }
  }

  std::vector<SaliencePeak> analyse(std::span<const float> samples, std::ptrdiff_t centre, std::size_t kept) {
    std::fill(salience_.begin(), salience_.end(), 0.0F);
    const auto peaks = finder_.find(samples, centre);
    float largest = 0.0F;
    for (const SpectralPeak& peak : peaks) largest = std::max(largest, peak.magnitude);
    const float least = largest * static_cast<float>(std::pow(10.0, -options_.magnitude_range / 20.0));
    for (const SpectralPeak& peak : peaks) {
      if (peak.magnitude >= least) add(peak);
    }
    return strongest(kept);
  }

 private:
  void add(const SpectralPeak& peak) {
    const double bin = 1200.0 / kCentsPerSalienceBin * std::log2(peak.frequency / options_.lowest);
    const float strength = options_.magnitude_exponent == 1.0
                               ? peak.magnitude
                               : std::pow(peak.magnitude, static_cast<float>(options_.magnitude_exponent));
    for (std::size_t h = 0; h < shift_.size(); ++h) {
      const double target = bin - shift_[h];
      if (target < -static_cast<double>(kReach)) break;
      const auto nearest = static_cast<std::ptrdiff_t>(std::floor(target));
      for (std::ptrdiff_t b = std::max<std::ptrdiff_t>(0, nearest - kReach + 1); b <= nearest + kReach; ++b) {
        if (b >= static_cast<std::ptrdiff_t>(salience_.size())) break;
        salience_[static_cast<std::size_t>(b)] += strength * weight_[h] * taper(static_cast<double>(b) - target);
      }
    }
  }

  // cos^2(pi / 2 * distance / reach), from a table of 1/16 bin.
  static float taper(double distance) {
    static const std::array<float, kReach* 16 + 1> table = [] {
      std::array<float, kReach * 16 + 1> values{};
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double c = std::cos(std::numbers::pi / 2.0 * static_cast<double>(i) / (16.0 * kReach));
        values[i] = static_cast<float>(c * c);
      }
      return values;
    }();
    return table[std::min(table.size() - 1, static_cast<std::size_t>(std::abs(distance) * 16.0 + 0.5))];
  }

  std::vector<SaliencePeak> strongest(std::size_t kept) const {
    std::vector<SaliencePeak> peaks;
    for (std::size_t b = 1; b + 1 < salience_.size(); ++b) {
      const float before = salience_[b - 1], here = salience_[b], after = salience_[b + 1];
      if (here <= 0.0F || here <= before || here < after) continue;
      const float bend = before - 2.0F * here + after;
      const float shift = bend < 0.0F ? 0.5F * (before - after) / bend : 0.0F;
      peaks.push_back({static_cast<float>(b) + shift, here});
    }
    std::stable_sort(peaks.begin(), peaks.end(),
                     [](const SaliencePeak& a, const SaliencePeak& b) { return a.salience > b.salience; });
    if (peaks.size() > kept) peaks.resize(kept);
    return peaks;
  }

  const PitchSalienceOptions& options_;
  SpectralPeakFinder finder_;
  std::vector<double> shift_;    // [harmonics] bins
  std::vector<float> weight_;    // [harmonics]
  std::vector<float> salience_;  // [bins]
};

}  // namespace

std::vector<std::vector<SaliencePeak>> find_salience_peaks(std::span<const float> samples,
                                                           const PitchSalienceOptions& options, std::size_t peaks_kept,
                                                           ThreadPool& pool) {
  std::vector<std::vector<SaliencePeak>> frames((samples.size() + options.hop_samples - 1) / options.hop_samples);
  parallel_for(pool, frames.size(), kFramesPerBlock, [&](std::size_t first, std::size_t last) {
    SalienceFrame frame(options);
    for (std::size_t k = first; k < last; ++k) {
      frames[k] = frame.analyse(samples, static_cast<std::ptrdiff_t>(k * options.hop_samples), peaks_kept);
    }
  });
  return frames;
}

}  // namespace pop2piano
