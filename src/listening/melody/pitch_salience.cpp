// SPDX-License-Identifier: MIT
#include "listening/melody/pitch_salience.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace pop2piano {
namespace {

constexpr std::ptrdiff_t kReach = 10;        // bins: a peak counts for pitches within a semitone, cos^2 of the distance
constexpr std::size_t kMargin = 2 * kReach;  // of the bins on both sides, so that no peak needs a check
constexpr std::size_t kFramesPerBlock = 256;
constexpr std::size_t kSamplesPerBatch = std::size_t{1} << 18;  // 12 s: enough frames to keep the threads busy

class SalienceFrame {
 public:
  explicit SalienceFrame(const PitchSalienceOptions& options) : options_(options), finder_(options.peaks) {
    salience_.resize(options.bins + 2 * kMargin);
    for (std::size_t h = 1; h <= options.harmonics; ++h) {
      shift_.push_back(1200.0 / kCentsPerSalienceBin * std::log2(static_cast<double>(h)));
      weight_.push_back(static_cast<float>(std::pow(options.harmonic_decay, static_cast<double>(h - 1))));
    }
  }

  std::vector<SaliencePeak> analyse(std::span<const float> samples, std::ptrdiff_t centre, std::size_t kept) {
    std::fill(salience_.begin(), salience_.end(), 0.0F);
    const auto found = finder_.find(samples, centre);
    std::vector<SpectralPeak> peaks(found.begin(), found.end());
    float largest = 0.0F;
    for (SpectralPeak& peak : peaks) {
      peak.magnitude *= loudness(peak.frequency);
      largest = std::max(largest, peak.magnitude);
    }
    const float least = largest * static_cast<float>(std::pow(10.0, -options_.magnitude_range / 20.0));
    for (const SpectralPeak& peak : peaks) {
      if (peak.magnitude >= least) add(peak);
    }
    return strongest(kept);
  }

 private:
  // A-weighting (IEC 61672-1), linear, in the place of the equal-loudness filter of the paper: bass counts little.
  static float loudness(double frequency) {
    const double f2 = frequency * frequency;
    return static_cast<float>(
        1.2589 * 12194.0 * 12194.0 * f2 * f2 /
        ((f2 + 20.6 * 20.6) * std::sqrt((f2 + 107.7 * 107.7) * (f2 + 737.9 * 737.9)) * (f2 + 12194.0 * 12194.0)));
  }

  void add(const SpectralPeak& peak) {
    const double bin = 1200.0 / kCentsPerSalienceBin * std::log2(peak.frequency / options_.lowest);
    const float strength = options_.magnitude_exponent == 1.0
                               ? peak.magnitude
                               : std::pow(peak.magnitude, static_cast<float>(options_.magnitude_exponent));
    for (std::size_t h = 0; h < shift_.size(); ++h) {
      const double target = bin - shift_[h];
      if (target <= -kReach || target >= static_cast<double>(options_.bins) + kReach - 1.0) continue;
      const double nearest = std::floor(target);
      const auto phase = static_cast<std::size_t>((target - nearest) * kPhases);
      const float amount = strength * weight_[h];
      const float* kernel = tapers()[phase].data();
      float* bins =
          salience_.data() + (static_cast<std::ptrdiff_t>(nearest) + kReach + 1);  // pitch nearest - kReach + 1
      for (std::size_t i = 0; i < kKernel; ++i) bins[i] += amount * kernel[i];
    }
  }

  // cos^2(pi / 2 * distance / reach) at the bins around a pitch, for each of some positions between two bins.
  static constexpr std::size_t kPhases = 8, kKernel = 2 * kReach;
  using Tapers = std::array<std::array<float, kKernel>, kPhases>;
  static const Tapers& tapers() {
    static const Tapers table = [] {
      Tapers values{};
      for (std::size_t phase = 0; phase < kPhases; ++phase) {
        for (std::size_t i = 0; i < kKernel; ++i) {
          const double fraction = (static_cast<double>(phase) + 0.5) / kPhases;
          const double distance = static_cast<double>(i) - kReach + 1.0 - fraction;
          const double c = std::cos(std::numbers::pi / 2.0 * std::min(1.0, std::abs(distance) / kReach));
          values[phase][i] = static_cast<float>(c * c);
        }
      }
      return values;
    }();
    return table;
  }

  std::vector<SaliencePeak> strongest(std::size_t kept) const {
    std::vector<SaliencePeak> peaks;
    for (std::size_t b = 1; b + 1 < options_.bins; ++b) {
      const float* at = salience_.data() + kMargin + b;
      const float before = at[-1], here = at[0], after = at[1];
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
  std::vector<float> salience_;  // [kMargin + bins + kMargin]
};

}  // namespace

void SaliencePeakExtractor::push(std::span<const float> samples) {
  buffer_.insert(buffer_.end(), samples.begin(), samples.end());
  if (buffer_.size() < kSamplesPerBatch) return;
  const std::size_t half = options_.peaks.frame_samples / 2, available = buffer_start_ + buffer_.size();
  analyse_frames(available > half ? (available - half) / options_.hop_samples : 0);
  const std::size_t next = frames_.size() * options_.hop_samples;  // centre of the next frame
  if (next < buffer_start_ + half) return;
  const std::size_t gone = std::min(buffer_.size(), next - half - buffer_start_);
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(gone));
  buffer_start_ += gone;
}

SaliencePeaks SaliencePeakExtractor::finish() {
  analyse_frames((buffer_start_ + buffer_.size() + options_.hop_samples - 1) / options_.hop_samples);
  buffer_ = {};
  return std::move(frames_);
}

void SaliencePeakExtractor::analyse_frames(std::size_t end) {
  const std::size_t begin = frames_.size();
  if (end <= begin) return;
  frames_.resize(end);
  parallel_for(pool_, end - begin, kFramesPerBlock, [&](std::size_t first, std::size_t last) {
    SalienceFrame frame(options_);
    for (std::size_t k = begin + first; k < begin + last; ++k) {
      const auto centre =
          static_cast<std::ptrdiff_t>(k * options_.hop_samples) - static_cast<std::ptrdiff_t>(buffer_start_);
      frames_[k] = frame.analyse(buffer_, centre, peaks_kept_);
    }
  });
}

}  // namespace pop2piano
