// SPDX-License-Identifier: MIT
#include "listening/melody/tuning.h"

#include <cmath>
#include <numbers>

#include "sound/dsp/frequency_ratio.h"

namespace pop2piano {
namespace {

constexpr std::size_t kFrame = 8192;       // samples
constexpr std::size_t kFramesASecond = 4;  // more change nothing: a quarter of a second is a note
constexpr std::size_t kFramesPerStretch = 30 * kFramesASecond;
constexpr std::size_t kFramesPerJob = 4;
constexpr double kLeastOfStretch = 0.1;  // confidence of a stretch that counts for the drift
constexpr std::size_t kLeastStretches = 3;

// Above lie partials that no semitone has, the seventh first; below a semitone is less than two bins.
SpectralPeakOptions peak_options(int sample_rate) { return {sample_rate, kFrame, kFrame, 80.0, 1200.0, 40.0}; }

double cents_of(std::complex<double> sum) {
  return std::abs(sum) > 0.0 ? 100.0 * std::arg(sum) / (2.0 * std::numbers::pi) : 0.0;
}

}  // namespace

double correction_of(const TuningEstimate& tuning) {
  // Songs are tuned to 440 Hz within 5 cents, and a semitone's bands do not feel as much.
  constexpr double kCloseEnough = 6.0, kLeastConfidence = 0.1;
  const bool corrected = tuning.confidence >= kLeastConfidence && std::abs(tuning.cents) > kCloseEnough;
  return corrected ? std::round(tuning.cents) : 0.0;
}

PitchContour corrected(PitchContour contour, double cents) {
  for (double& frequency : contour.frequencies) frequency /= frequency_ratio(cents);
  return contour;
}

TuningEstimator::TuningEstimator(int sample_rate, ThreadPool& pool) : sample_rate_(sample_rate), pool_(pool) {}

void TuningEstimator::push(std::span<const float> samples) {
  const std::size_t skipped = std::min(to_skip_, samples.size());
  to_skip_ -= skipped;
  buffer_.insert(buffer_.end(), samples.begin() + static_cast<std::ptrdiff_t>(skipped), samples.end());
  const std::size_t hop = static_cast<std::size_t>(sample_rate_) / kFramesASecond;
  const std::size_t count = buffer_.size() < kFrame ? 0 : (buffer_.size() - kFrame) / hop + 1;
  if (count == 0) return;
  std::vector<Stretch> found(count);
  parallel_for(pool_, count, kFramesPerJob, [&](std::size_t first, std::size_t last) {
    SpectralPeakFinder finder(peak_options(sample_rate_));
    for (std::size_t k = first; k < last; ++k) {
      for (const SpectralPeak& peak : finder.find(buffer_, static_cast<std::ptrdiff_t>(k * hop + kFrame / 2))) {
        const double semitones = 12.0 * std::log2(peak.frequency / 440.0);
        found[k].sum += std::polar(static_cast<double>(peak.magnitude), 2.0 * std::numbers::pi * semitones);
        found[k].weight += peak.magnitude;
      }
    }
  });
  for (const Stretch& frame : found) {
    sum_ += frame.sum;
    weight_ += frame.weight;
    stretches_.resize(frames_++ / kFramesPerStretch + 1);
    stretches_.back().sum += frame.sum;
    stretches_.back().weight += frame.weight;
  }
  const std::size_t done = std::min(count * hop, buffer_.size());
  to_skip_ = count * hop - done;
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(done));
}

// Each stretch's tuning counts from that of the one before it, so that a drift may pass half a semitone; then a line.
double TuningEstimator::drift() const {
  std::vector<std::pair<double, double>> places;  // stretch, cents
  for (std::size_t i = 0; i < stretches_.size(); ++i) {
    const Stretch& stretch = stretches_[i];
    if (std::abs(stretch.sum) <= kLeastOfStretch * stretch.weight) continue;
    double cents = cents_of(stretch.sum);
    if (!places.empty()) cents += 100.0 * std::round((places.back().second - cents) / 100.0);
    places.emplace_back(static_cast<double>(i), cents);
  }
  if (places.size() < kLeastStretches) return 0.0;
  double x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;
  for (const auto& [at, cents] : places) x += at, y += cents, xx += at * at, xy += at * cents;
  const auto n = static_cast<double>(places.size());
  return (n * xy - x * y) / (n * xx - x * x) * static_cast<double>(frames_) / kFramesPerStretch;
}

TuningEstimate TuningEstimator::estimate() const {
  if (weight_ <= 0.0) return {};
  return {.cents = cents_of(sum_), .confidence = std::abs(sum_) / weight_, .drift = drift()};
}

}  // namespace pop2piano
