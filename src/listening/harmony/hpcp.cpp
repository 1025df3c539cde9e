// SPDX-License-Identifier: MIT
#include "listening/harmony/hpcp.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>

#include "listening/melody/spectral_peaks.h"

namespace pop2piano {
namespace {

constexpr std::size_t kFramesPerBlock = 128;
constexpr float kSilence = 3e-5F;  // -90 dB
constexpr double kHarmonicDecay = 0.6;
constexpr double kOctavesUp = 120.0;  // semitones, so that no pitch is negative

SpectralPeakOptions peak_options(const HpcpOptions& options) {
  return {options.sample_rate, options.frame_samples, options.frame_samples, options.lowest, options.highest, 60.0};
}

// cos^2 of a quarter circle, by fraction of a semitone.
float share_of_lower(double fraction) {
  constexpr std::size_t kSteps = 128;
  static const std::array<float, kSteps + 1> table = [] {
    std::array<float, kSteps + 1> values{};
    for (std::size_t i = 0; i <= kSteps; ++i) {
      const double c = std::cos(std::numbers::pi / 2.0 * static_cast<double>(i) / kSteps);
      values[i] = static_cast<float>(c * c);
    }
    return values;
  }();
  return table[static_cast<std::size_t>(fraction * kSteps + 0.5)];
}

// A peak counts for the two pitch classes around it. `pitch` is positive.
void add_to_profile(double pitch, float amount, std::span<float> profile) {
  const auto below = static_cast<std::size_t>(pitch);
  const float share = share_of_lower(pitch - static_cast<double>(below));
  const std::size_t lower = below % kPitchClasses;
  profile[lower] += amount * share;
  profile[lower + 1 == kPitchClasses ? 0 : lower + 1] += amount * (1.0F - share);
}

// Semitones of harmonic h above its fundamental.
double semitones_of_harmonic(std::size_t h) {
  static const std::array<double, 33> table = [] {
    std::array<double, 33> values{};
    for (std::size_t i = 1; i < values.size(); ++i) values[i] = 12.0 * std::log2(static_cast<double>(i));
    return values;
  }();
  return table[h];
}

void fill_profile(std::span<const SpectralPeak> peaks, const HpcpOptions& options, std::span<float> profile) {
  for (const SpectralPeak& peak : peaks) {
    if (peak.magnitude < kSilence) continue;
    const double pitch = kOctavesUp + 69.0 + 12.0 * std::log2(peak.frequency / 440.0F) - options.tuning;
    float amount = std::sqrt(peak.magnitude);
    for (std::size_t h = 1; h <= options.harmonics; ++h) {
      add_to_profile(pitch - semitones_of_harmonic(h), amount, profile);
      amount *= static_cast<float>(kHarmonicDecay);
    }
  }
  const float largest = *std::max_element(profile.begin(), profile.end());
  if (largest <= 0.0F) return;
  for (float& value : profile) value /= largest;
}

}  // namespace

Matrix<float> compute_hpcp(std::span<const float> samples, const HpcpOptions& options, ThreadPool& pool) {
  if (options.harmonics < 1 || options.harmonics > 32 || options.hop_samples == 0) {
    throw Error(ErrorCode::invalid_argument, "pitch class profiles: expected 1 to 32 harmonics and a positive hop");
  }
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
