// SPDX-License-Identifier: MIT
#include "listening/rhythm/beat_input.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "listening/rhythm/dsp_activation.h"

namespace pop2piano {
namespace {

constexpr std::size_t kFrameSamples = 1024;
// Centres at a * sinh(b * i): one bin apart at the low end, 11 to the octave at the high end (10.5 kHz).
constexpr double kBandSlope = 0.0634;
constexpr std::array<std::size_t, 3> kHarmonySpans = {6, 15, 30};  // chroma frames (40 ms) to either side

double centre_bin(std::size_t i) { return std::sinh(kBandSlope * static_cast<double>(i)) / kBandSlope; }

std::vector<BandFilter> beat_filters() {
  constexpr std::size_t kBins = kFrameSamples / 2 + 1;
  std::vector<BandFilter> filters;
  for (std::size_t i = 1; i <= kBeatBands; ++i) {
    const double low = centre_bin(i - 1), centre = centre_bin(i), high = centre_bin(i + 1);
    BandFilter filter{.first_bin = static_cast<std::size_t>(std::ceil(low + 1e-6)), .weights = {}};
    for (auto bin = static_cast<double>(filter.first_bin); bin < high && bin < static_cast<double>(kBins); bin += 1) {
      const double weight = bin <= centre ? (bin - low) / (centre - low) : (high - bin) / (high - centre);
      filter.weights.push_back(static_cast<float>(weight));
    }
    filter.normalise();
    filters.push_back(std::move(filter));
  }
  return filters;
}

std::uint8_t half_decibels(float magnitude) {
  const float db = 20.0f * std::log10(magnitude + 1e-6f);
  return static_cast<std::uint8_t>(std::clamp(2.0f * (db + 120.0f) + 0.5f, 0.0f, 255.0f));
}

std::uint8_t to_byte(float share) { return static_cast<std::uint8_t>(255.0f * std::clamp(share, 0.0f, 1.0f) + 0.5f); }

Matrix<std::uint8_t> harmony_of(const Matrix<float>& chroma) {
  Matrix<std::uint8_t> harmony(chroma.rows(), kHarmonyInputs, 0);
  std::size_t c = 0;
  for (const std::size_t span : kHarmonySpans) {
    for (const std::size_t first : {std::size_t{0}, std::size_t{12}}) {
      const auto change = harmony_change(chroma, first, span);
      for (std::size_t t = 0; t < change.size(); ++t) harmony(t, c) = to_byte(change[t]);
      ++c;
    }
  }
  for (std::size_t t = 0; t < chroma.rows(); ++t) {
    for (const std::size_t first : {std::size_t{0}, std::size_t{12}}) {
      const auto part = chroma.row(t).subspan(first, 12);
      const float most = *std::max_element(part.begin(), part.end());
      for (std::size_t i = 0; i < 12; ++i) {
        harmony(t, kHarmonyChanges + first + i) = to_byte(part[i] / (most + 1e-3f));
      }
    }
  }
  return harmony;
}

}  // namespace

BeatListener::BeatListener(double tuning_cents)
    : spectrum_(kFrameSamples, kBeatHop, beat_filters(),
                [this](std::span<const float> magnitudes, float power) { visit(magnitudes, power); }),
      chroma_({.tuning_cents = tuning_cents}) {}

void BeatListener::push(std::span<const float> mono_22050) {
  spectrum_.push(mono_22050);
  chroma_.push(mono_22050);
}

void BeatListener::finish() {
  spectrum_.finish();
  chroma_.finish();
}

void BeatListener::visit(std::span<const float> magnitudes, float power) {
  power_.push_back(power);
  std::array<std::uint8_t, kBeatBands> row{};
  for (std::size_t b = 0; b < kBeatBands; ++b) row[b] = half_decibels(magnitudes[b]);
  bands_.append_row(row);
}

BeatInput BeatListener::take() { return {.bands = std::move(bands_), .harmony = harmony_of(chroma_.chroma())}; }

BandLevels loud_levels(Span2D<const std::uint8_t> bands) {
  constexpr double kLoudShare = 0.95;
  constexpr std::uint8_t kHeard = 20;   // -110 dB
  constexpr std::ptrdiff_t kReach = 4;  // bands to either side
  constexpr float kFaintestBand = 90;   // half decibels below the loudest
  BandLevels raw{}, levels{};
  for (std::size_t b = 0; b < kBeatBands; ++b) {
    std::array<std::size_t, 256> counts{};
    std::size_t heard = 0;
    for (std::size_t t = 0; t < bands.rows(); ++t) {
      if (bands(t, b) < kHeard) continue;
      ++counts[bands(t, b)];
      ++heard;
    }
    std::size_t value = 0, below = counts[0];
    while (value < 255 && static_cast<double>(below) < kLoudShare * static_cast<double>(heard))
      below += counts[++value];
    raw[b] = static_cast<float>(value);
  }
  const float floor = *std::max_element(raw.begin(), raw.end()) - kFaintestBand;
  for (std::ptrdiff_t b = 0; b < static_cast<std::ptrdiff_t>(kBeatBands); ++b) {
    const auto first = std::max<std::ptrdiff_t>(0, b - kReach);
    const auto last = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(kBeatBands) - 1, b + kReach);
    float sum = 0;
    for (auto i = first; i <= last; ++i) sum += std::max(floor, raw[static_cast<std::size_t>(i)]);
    levels[static_cast<std::size_t>(b)] = sum / static_cast<float>(last - first + 1);
  }
  return levels;
}

float normalised_band(float above) {
  constexpr float kRange = 70;  // half decibels below the level where the logarithm turns into a line
  const float magnitude = std::exp((above + kRange) * 0.0575646f);  // ln(10) / 40
  return (std::log1p(magnitude) - 1.5f) / 1.5f;
}

std::vector<float> onset_curve_of(Span2D<const std::uint8_t> bands) {
  constexpr int kFaint = 120;  // -60 dB
  std::vector<float> curve(bands.rows(), 0.0f);
  for (std::size_t t = 2; t < bands.rows(); ++t) {
    int rise = 0;
    for (std::size_t b = 0; b < kBeatBands; ++b) {
      int past = bands(t - 2, b);
      if (b > 0) past = std::max<int>(past, bands(t - 2, b - 1));
      if (b + 1 < kBeatBands) past = std::max<int>(past, bands(t - 2, b + 1));
      rise += std::max(0, bands(t, b) - std::max(past, kFaint));
    }
    curve[t] = static_cast<float>(rise) / static_cast<float>(2 * kBeatBands);
  }
  return curve;
}

}  // namespace pop2piano
