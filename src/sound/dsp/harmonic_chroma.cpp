// SPDX-License-Identifier: MIT
#include "sound/dsp/harmonic_chroma.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "sound/dsp/frequency_ratio.h"

namespace pop2piano {
namespace {

constexpr double kC0 = 16.351597831287414;  // Hz
constexpr float kFaintestPeak = 1e-5f;      // -100 dB of full scale: below lies what dither leaves

void check(const HarmonicChromaOptions& options) {
  const bool usable = options.sample_rate > 0 && options.lowest > 0 && options.border > options.lowest &&
                      options.highest > options.border && options.highest < options.sample_rate / 2.0;
  if (!usable) {
    throw Error(ErrorCode::invalid_argument,
                "chroma: expected 0 < lowest < border < highest < rate / 2, found " + std::to_string(options.lowest) +
                    ", " + std::to_string(options.border) + ", " + std::to_string(options.highest) + " at " +
                    std::to_string(options.sample_rate) + " Hz; correct the options");
  }
}

}  // namespace

HarmonicChroma::HarmonicChroma(const HarmonicChromaOptions& options)
    : options_((check(options), options)),
      ratio_(frequency_ratio(options.tuning_cents)),
      frames_(options.frame_samples, options.hop_samples),
      fft_(options.frame_samples),
      window_(periodic_hann(options.frame_samples)),
      windowed_(options.frame_samples),
      spectrum_(fft_.bins()),
      magnitude_(fft_.bins()) {
  for (float& w : window_) w *= 2.0f / static_cast<float>(options.frame_samples);
}

void HarmonicChroma::push(std::span<const float> block) {
  frames_.push(block, [this](std::span<const float> frame) { visit(frame); });
}

void HarmonicChroma::finish() {
  frames_.finish([this](std::span<const float> frame) { visit(frame); });
}

void HarmonicChroma::visit(std::span<const float> frame) {
  for (std::size_t i = 0; i < frame.size(); ++i) windowed_[i] = frame[i] * window_[i];
  fft_.forward(windowed_, spectrum_);
  const double bins_per_hertz = static_cast<double>(options_.frame_samples) / options_.sample_rate;
  const auto first = std::max<std::size_t>(1, static_cast<std::size_t>(options_.lowest * bins_per_hertz));
  const auto last = static_cast<std::size_t>(options_.highest * bins_per_hertz);
  for (std::size_t bin = first - 1; bin <= last + 1; ++bin) magnitude_[bin] = std::sqrt(std::norm(spectrum_[bin]));
  std::array<float, kChromaColumns> row{};
  for (std::size_t bin = first; bin <= last; ++bin) {
    const float here = magnitude_[bin];
    if (here > kFaintestPeak && here > magnitude_[bin - 1] && here >= magnitude_[bin + 1]) add_peak(bin, row);
  }
  chroma_.append_row(row);
}

// The peak's frequency by a parabola through three log magnitudes; its weight is shared by the two nearest semitones.
void HarmonicChroma::add_peak(std::size_t bin, std::span<float> row) const {
  const double left = std::log(magnitude_[bin - 1] + 1e-12), centre = std::log(magnitude_[bin] + 1e-12),
               right = std::log(magnitude_[bin + 1] + 1e-12);
  const double curvature = left - 2 * centre + right;
  const double shift = curvature < 0 ? std::clamp(0.5 * (left - right) / curvature, -0.5, 0.5) : 0.0;
  const double frequency =
      (static_cast<double>(bin) + shift) * options_.sample_rate / static_cast<double>(options_.frame_samples) / ratio_;
  const double semitone = std::max(0.0, 12 * std::log2(frequency / kC0));
  const std::size_t offset = frequency < options_.border ? 0 : 12;
  const auto below = static_cast<std::size_t>(semitone);
  const auto upper_share = static_cast<float>(semitone - static_cast<double>(below));
  const float weight = std::sqrt(magnitude_[bin]);
  row[offset + below % 12] += weight * (1 - upper_share);
  row[offset + (below + 1) % 12] += weight * upper_share;
}

}  // namespace pop2piano
