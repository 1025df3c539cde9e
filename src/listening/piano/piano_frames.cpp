// SPDX-License-Identifier: MIT
#include "listening/piano/piano_frames.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sound/dsp/frequency_ratio.h"

namespace pop2piano {
namespace {

constexpr std::size_t kLongWindow = 8192, kShortWindow = 2048;  // samples
constexpr std::size_t kTenth = kPianoSampleRate / 10;
constexpr double kSilence = -120.0, kPerDecibel = 2.0;
constexpr float kLoud = 0.1F;

// Triangles as wide as a third of a semitone to either side, but not narrower than from bin to bin.
std::vector<BandFilter> filters_of(std::size_t window, double cents) {
  const double bin_hz = static_cast<double>(kPianoSampleRate) / static_cast<double>(window);
  std::vector<BandFilter> filters(kPianoBands);
  for (std::size_t band = 0; band < kPianoBands; ++band) {
    const double pitch = kLowestPianoKey + (static_cast<double>(band) - 1.0) / kPianoThirds;
    const double centre = 440.0 * std::exp2((pitch - 69.0) / 12.0) * frequency_ratio(cents);
    const double reach = std::max(bin_hz, centre * (std::exp2(1.0 / (12.0 * kPianoThirds)) - 1.0));
    BandFilter& filter = filters[band];
    filter.first_bin = static_cast<std::size_t>(std::max(0.0, std::ceil((centre - reach) / bin_hz)));
    for (std::size_t bin = filter.first_bin; bin <= window / 2; ++bin) {
      const double weight = 1.0 - std::abs(static_cast<double>(bin) * bin_hz - centre) / reach;
      if (weight <= 0.0 && !filter.weights.empty()) break;
      filter.weights.push_back(static_cast<float>(std::max(weight, 1e-6)));
    }
    filter.normalise();
  }
  return filters;
}

void keep(std::span<const float> magnitudes, std::span<std::uint8_t> levels) {
  std::ranges::transform(magnitudes, levels.begin(), [](float magnitude) {
    const float level = 2.0F * std::log(std::max(magnitude, 1e-9F));
    return static_cast<std::uint8_t>(
        std::lround(std::clamp((level + kPianoLevelZero) * kPianoLevelsPerUnit, 0.0F, 255.0F)));
  });
}

}  // namespace

void PianoSurvey::push(std::span<const float> samples) {
  tuning_.push(samples);
  for (const float x : samples) {
    sum_ += static_cast<double>(x) * x;
    if (++samples_ < kTenth) continue;
    const double decibels = 10.0 * std::log10(sum_ / static_cast<double>(kTenth) + 1e-20);
    if (decibels > kSilence)
      ++counts_[static_cast<std::size_t>(std::clamp((decibels - kSilence) * kPerDecibel, 0.0, kBins - 1.0))];
    sum_ = 0.0;
    samples_ = 0;
  }
}

// Of the tenths of a second within 40 dB of the loudest, the level that one in ten passes.
PianoSound PianoSurvey::finish() const {
  PianoSound sound{.gain = 1.0F, .cents = correction_of(tuning_.estimate())};
  std::size_t loudest = kBins;
  while (loudest > 0 && counts_[loudest - 1] == 0) --loudest;
  if (loudest == 0) return sound;
  const std::size_t least = loudest - std::min<std::size_t>(loudest, 80);
  std::size_t all = 0, passed = 0;
  for (std::size_t b = least; b < loudest; ++b) all += counts_[b];
  std::size_t level = loudest;
  while (level > least && passed * 10 <= all) passed += counts_[--level];
  sound.gain =
      kLoud / static_cast<float>(std::pow(10.0, ((static_cast<double>(level) + 0.5) / kPerDecibel + kSilence) / 20.0));
  return sound;
}

PianoFrames::PianoFrames(const PianoSound& sound, Visit visit)
    : sound_(sound),
      visit_(std::move(visit)),
      long_(kLongWindow, kPianoHop, filters_of(kLongWindow, sound.cents),
            [this](std::span<const float> magnitudes, float) { hear(magnitudes); }),
      short_(kShortWindow, kPianoHop, filters_of(kShortWindow, sound.cents),
             [this](std::span<const float> magnitudes, float) { keep(magnitudes, waiting_.emplace_back()); }) {}

void PianoFrames::push(std::span<const float> samples) {
  louder_.assign(samples.begin(), samples.end());
  for (float& x : louder_) x *= sound_.gain;
  short_.push(louder_);
  long_.push(louder_);
}

void PianoFrames::finish() {
  short_.finish();
  long_.finish();
}

void PianoFrames::hear(std::span<const float> magnitudes) {
  std::array<std::uint8_t, kPianoLevels> levels;
  keep(magnitudes, std::span(levels).first<kPianoBands>());
  std::ranges::copy(waiting_.front(), levels.begin() + kPianoBands);
  waiting_.pop_front();
  visit_(levels);
}

}  // namespace pop2piano
