// SPDX-License-Identifier: MIT
#include "evaluate/hpcp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

#include "evaluate/spectral_peaks.h"

namespace pop2piano {
namespace {

constexpr std::size_t kFramesPerBlock = 128;
constexpr float kSilence = 3e-5F;  // -90 dB
constexpr double kHarmonicDecay = 0.6;

SpectralPeakOptions peak_options(const HpcpOptions& options) {
  return {options.sample_rate, options.frame_samples, options.frame_samples, options.lowest, options.highest};
}

// A peak spreads over the pitch classes within a semitone, cos^2 of the distance.
void add_to_profile(double pitch, float amount, std::span<float> profile) {
  const double below = std::floor(pitch);
  const double fraction = pitch - below;
  const auto lower = static_cast<std::size_t>(((static_cast<long>(below) % 12) + 12) % 12);
  const double c = std::cos(std::numbers::pi / 2.0 * fraction);
  const auto share = static_cast<float>(c * c);
  profile[lower] += amount * share;
  profile[(lower + 1) % kPitchClasses] += amount * (1.0F - share);
}

void fill_profile(std::span<const SpectralPeak> peaks, const HpcpOptions& options, std::span<float> profile) {
  for (const SpectralPeak& peak : peaks) {
    if (peak.magnitude < kSilence) continue;
    const double pitch = 69.0 + 12.0 * std::log2(peak.frequency / 440.0) - options.tuning;
    float amount = std::sqrt(peak.magnitude);
    for (std::size_t h = 1; h <= options.harmonics; ++h) {
      add_to_profile(pitch - 12.0 * std::log2(static_cast<double>(h)), amount, profile);
      amount *= static_cast<float>(kHarmonicDecay);
    }
  }
  const float largest = *std::max_element(profile.begin(), profile.end());
  if (largest <= 0.0F) return;
  for (float& value : profile) value /= largest;
}

}  // namespace

Matrix<float> compute_hpcp(std::span<const float> samples, const HpcpOptions& options, ThreadPool& pool) {
  const std::size_t frames = (samples.size() + options.hop_samples - 1) / options.hop_samples;
  Matrix<float> profiles(frames, kPitchClasses);
  parallel_for(pool, frames, kFramesPerBlock, [&](std::size_t first, std::size_t last) {
    SpectralPeakFinder finder(peak_options(options));
    for (std::size_t k = first; k < last; ++k) {
      const auto centre = static_cast<std::ptrdiff_t>(k * options.hop_samples);
      fill_profile(finder.find(samples, centre), options, profiles.row(k));
    }
  });
  return profiles;
}

double estimate_tuning(std::span<const float> samples, int sample_rate) {
  SpectralPeakFinder finder({sample_rate, 4096, 8192, 150.0, 2000.0});
  std::complex<double> sum;
  const auto step = static_cast<std::size_t>(std::max(1, sample_rate / 10));
  for (std::size_t centre = 0; centre < samples.size(); centre += step) {
    for (const SpectralPeak& peak : finder.find(samples, static_cast<std::ptrdiff_t>(centre))) {
      if (peak.magnitude < kSilence) continue;
      const double pitch = 12.0 * std::log2(peak.frequency / 440.0);
      sum += std::polar(static_cast<double>(peak.magnitude), 2.0 * std::numbers::pi * pitch);
    }
  }
  return std::abs(sum) > 0.0 ? std::arg(sum) / (2.0 * std::numbers::pi) : 0.0;
}

std::size_t optimal_transposition(const Matrix<float>& reference, const Matrix<float>& profiles) {
  std::array<double, kPitchClasses> a{}, b{};
  for (std::size_t k = 0; k < reference.rows(); ++k) {
    for (std::size_t c = 0; c < kPitchClasses; ++c) a[c] += reference(k, c);
  }
  for (std::size_t k = 0; k < profiles.rows(); ++k) {
    for (std::size_t c = 0; c < kPitchClasses; ++c) b[c] += profiles(k, c);
  }
  std::size_t best = 0;
  double largest = -1.0;
  for (std::size_t shift = 0; shift < kPitchClasses; ++shift) {
    double product = 0.0;
    for (std::size_t c = 0; c < kPitchClasses; ++c) product += a[(c + shift) % kPitchClasses] * b[c];
    if (product > largest) largest = product, best = shift;
  }
  return best;
}

Matrix<float> transposed(const Matrix<float>& profiles, std::size_t semitones) {
  Matrix<float> result(profiles.rows(), kPitchClasses);
  for (std::size_t k = 0; k < profiles.rows(); ++k) {
    for (std::size_t c = 0; c < kPitchClasses; ++c) result(k, (c + semitones) % kPitchClasses) = profiles(k, c);
  }
  return result;
}

}  // namespace pop2piano
