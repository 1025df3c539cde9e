// SPDX-License-Identifier: MIT
#include "sound/render/loudness.h"

#include <pop2piano/error.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <string>

namespace pop2piano {
namespace {

constexpr std::size_t kHopsPerBlock = 4;
constexpr double kOffset = -0.691;  // of the standard: a 997 Hz sine of full scale in one channel reads -3.01 LUFS

double lufs(double power) { return kOffset + 10.0 * std::log10(power); }
double power_of(double loudness) { return std::pow(10.0, (loudness - kOffset) / 10.0); }

/// Mean of the blocks above `gate`; 0 if there are none.
double gated_mean(const std::vector<double>& blocks, double gate) {
  double sum = 0.0;
  std::size_t count = 0;
  for (const double block : blocks) {
    if (block <= gate) continue;
    sum += block;
    ++count;
  }
  return count == 0 ? 0.0 : sum / static_cast<double>(count);
}

}  // namespace

double LoudnessMeter::Biquad::filter(double x) {
  const double y = b0 * x + z1;
  z1 = b1 * x - a1 * y + z2;
  z2 = b2 * x - a2 * y;
  return y;
}

// The standard gives coefficients for 48 kHz only; these are its two analog filters under the bilinear transform, with
// the parameters that give back its numbers at 48 kHz (De Man, "Evaluation of implementations of the EBU R128 loudness
// measurement", 2018).
LoudnessMeter::LoudnessMeter(int sample_rate) {
  if (sample_rate < 8000 || sample_rate > 192000) {
    throw Error(ErrorCode::invalid_argument,
                "loudness: expected 8000 to 192000 samples per second, found " + std::to_string(sample_rate));
  }
  const double pi = std::numbers::pi;
  {
    const double k = std::tan(pi * 1681.974450955533 / sample_rate), q = 0.7071752369554196;
    const double vh = std::pow(10.0, 3.999843853973347 / 20.0), vb = std::pow(vh, 0.4996667741545416);
    const double a0 = 1.0 + k / q + k * k;
    shelf_ = {(vh + vb * k / q + k * k) / a0, 2.0 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0,
              2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0};
  }
  {
    const double k = std::tan(pi * 38.13547087602444 / sample_rate), q = 0.5003270373238773;
    const double a0 = 1.0 + k / q + k * k;
    highpass_ = {1.0, -2.0, 1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0};
  }
  hop_samples_ = static_cast<std::size_t>(sample_rate) / 10;
}

void LoudnessMeter::push(std::span<const float> samples) {
  for (const float sample : samples) {
    const double weighted = highpass_.filter(shelf_.filter(static_cast<double>(sample)));
    hop_energy_ += weighted * weighted;
    if (++in_hop_ < hop_samples_) continue;
    hop_power_.push_back(hop_energy_ / static_cast<double>(hop_samples_));
    hop_energy_ = 0.0;
    in_hop_ = 0;
  }
}

double LoudnessMeter::integrated() const {
  std::vector<double> blocks;
  for (std::size_t i = 0; i + kHopsPerBlock <= hop_power_.size(); ++i) {
    double sum = 0.0;
    for (std::size_t h = 0; h < kHopsPerBlock; ++h) sum += hop_power_[i + h];
    blocks.push_back(sum / kHopsPerBlock);
  }
  const double absolute = power_of(-70.0);
  const double ungated = gated_mean(blocks, absolute);
  if (ungated <= 0.0) return -std::numeric_limits<double>::infinity();
  const double relative = power_of(lufs(ungated) - 10.0);
  return lufs(gated_mean(blocks, relative > absolute ? relative : absolute));
}

}  // namespace pop2piano
