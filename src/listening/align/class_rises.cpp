// SPDX-License-Identifier: MIT
#include "listening/align/class_rises.h"

#include <pop2piano/audio.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <vector>

#include "listening/align/sound_features.h"
#include "listening/harmony/hpcp.h"
#include "sound/dsp/fft.h"

namespace pop2piano {
namespace {

constexpr std::size_t kFrame = 8192;  // 372 ms: semitones are apart from 200 Hz on
constexpr std::size_t kFramesPerBlock = 128;
constexpr std::size_t kSide = 4;  // frames, 80 ms
constexpr int kLowest = 40, kHighest = 104;
constexpr std::size_t kSemitones = kHighest - kLowest + 1;
constexpr float kCompression = 1000.0F;  // log(1 + compression * magnitude); a full-scale sine has 1

struct SemitoneBand {
  std::size_t first = 0;
  std::vector<float> weights;
};

// Triangles a semitone to either side, but at least a bin.
std::vector<SemitoneBand> semitone_bands(double tuning) {
  const double bin = static_cast<double>(kAnalysisSampleRate) / kFrame;
  std::vector<SemitoneBand> bands;
  for (int pitch = kLowest; pitch <= kHighest; ++pitch) {
    const double centre = 440.0 * std::exp2((pitch - 69 + tuning) / 12.0) / bin;
    const double reach = std::max(1.0, centre * (std::exp2(1.0 / 12.0) - 1.0));
    SemitoneBand band{.first = static_cast<std::size_t>(std::ceil(centre - reach)), .weights = {}};
    float sum = 0.0F;
    for (std::size_t k = band.first; static_cast<double>(k) <= centre + reach; ++k) {
      band.weights.push_back(static_cast<float>(1.0 - std::abs(static_cast<double>(k) - centre) / reach));
      sum += band.weights.back();
    }
    for (float& weight : band.weights) weight *= 4.0F / (static_cast<float>(kFrame) * sum);  // of a Hann window
    bands.push_back(std::move(band));
  }
  return bands;
}

// [frames, kSemitones] logarithms of the magnitudes.
Matrix<float> semitone_levels(std::span<const float> samples, double tuning, ThreadPool& pool) {
  const auto hop = static_cast<std::size_t>(std::lround(kAnalysisSampleRate / kProfileRate));
  const std::vector<SemitoneBand> bands = semitone_bands(tuning);
  const std::vector<float> window = periodic_hann(kFrame);
  Matrix<float> levels((samples.size() + hop - 1) / hop, kSemitones);
  parallel_for(pool, levels.rows(), kFramesPerBlock, [&](std::size_t first, std::size_t last) {
    RealFft fft(kFrame);
    std::vector<float> frame(kFrame), magnitudes(fft.bins());
    std::vector<std::complex<float>> spectrum(fft.bins());
    for (std::size_t k = first; k < last; ++k) {
      for (std::size_t i = 0; i < kFrame; ++i) {
        const std::size_t at = k * hop + i;  // half a frame late
        const bool inside = at >= kFrame / 2 && at - kFrame / 2 < samples.size();
        frame[i] = inside ? window[i] * samples[at - kFrame / 2] : 0.0F;
      }
      fft.forward(frame, spectrum);
      for (std::size_t b = 0; b < magnitudes.size(); ++b) magnitudes[b] = std::sqrt(std::norm(spectrum[b]));
      for (std::size_t s = 0; s < kSemitones; ++s) {
        float sum = 0.0F;
        for (std::size_t b = 0; b < bands[s].weights.size(); ++b)
          sum += bands[s].weights[b] * magnitudes[bands[s].first + b];
        levels(k, s) = std::log1p(kCompression * sum);
      }
    }
  });
  return levels;
}

}  // namespace

Matrix<float> class_rises(std::span<const float> samples, double tuning, ThreadPool& pool) {
  const Matrix<float> levels = semitone_levels(samples, tuning, pool);
  Matrix<float> rises(levels.rows(), kPitchClasses, 0.0F);
  for (std::size_t k = kSide; k + kSide < levels.rows(); ++k) {
    const auto rise = rises.row(k);
    float mean = 0.0F;
    for (std::size_t s = 0; s < kSemitones; ++s) {
      const float more = std::max(0.0F, levels(k + kSide, s) - levels(k - kSide, s));
      rise[(kLowest + s) % kPitchClasses] += more;
      mean += more / static_cast<float>(kPitchClasses);
    }
    for (float& value : rise) value = std::max(0.0F, value - mean);
  }
  return rises;
}

}  // namespace pop2piano
