// SPDX-License-Identifier: MIT
#include "learning/studio/vocal_tract.h"

#include <cmath>
#include <cstdint>

namespace pop2piano {
namespace {

struct Formants {
  double f1, f2, f3, f4;  // Hz, adult male
};

using FormantTable = std::array<Formants, kSoundCount>;

constexpr FormantTable kEnglish = {{
    {730, 1090, 2440, 3400},  // father
    {660, 1720, 2410, 3450},  // hat
    {640, 1190, 2390, 3350},  // hut
    {530, 1840, 2480, 3500},  // head
    {270, 2290, 3010, 3650},  // heed
    {390, 1990, 2550, 3550},  // hid
    {570, 840, 2410, 3300},   // hawed
    {300, 870, 2240, 3250},   // who'd
    {490, 1350, 1690, 3200},  // heard
    {250, 1100, 2200, 3200},  // m, n
}};

// In the order of Sound, none nearer to its English neighbour than singers of one language are to each other.
constexpr FormantTable kForeign = {{
    {780, 1350, 2550, 3600},  // Italian casa
    {530, 1480, 2250, 3350},  // French soeur
    {430, 1180, 2300, 3350},  // Mandarin ge
    {390, 2150, 2750, 3600},  // German See
    {270, 1850, 2150, 3300},  // German Tuer
    {330, 1600, 2400, 3450},  // Russian syn
    {400, 760, 2500, 3300},   // French eau
    {310, 1350, 2200, 3300},  // Swedish hus
    {390, 1520, 2150, 3300},  // German schoen
    {300, 950, 2450, 3350},   // ng
}};

double resonance(double frequency, double centre, double bandwidth) {
  const double difference = centre * centre - frequency * frequency;
  return centre * centre / std::hypot(difference, bandwidth * frequency);
}

double response_at(Sound sound, double frequency, const TractOptions& options) {
  const FormantTable& table = options.vowels == VowelSet::english ? kEnglish : kForeign;
  const Formants& f = table[static_cast<std::size_t>(sound)];
  const double scale = options.formant_scale;
  const bool nasal = sound == Sound::nasal;
  const double wide = nasal ? 2.5 : 1.0;
  double response = resonance(frequency, scale * options.first_formant_scale * f.f1, wide * 70) *
                    resonance(frequency, scale * f.f2, wide * 90) * resonance(frequency, scale * f.f3, wide * 130) *
                    resonance(frequency, scale * f.f4, wide * 200);
  for (int higher = 0; higher < 6; ++higher) {  // the tract's further resonances, about 1 kHz apart
    response *= resonance(frequency, scale * (4400.0 + 1000.0 * higher), 280.0 + 60.0 * higher);
  }
  const double ring = (frequency - 3000.0 * scale) / 500.0;
  response *= std::pow(10.0, options.ring_db / 20.0 * std::exp(-ring * ring));
  if (nasal && frequency > 400) response *= 400.0 / frequency;
  return response;
}

}  // namespace

std::array<TractResponse, kSoundCount> tract_responses(double sample_rate, const TractOptions& options) {
  std::array<TractResponse, kSoundCount> responses;
  const auto count = static_cast<std::size_t>(sample_rate / 2 / kTractStep) + 2;
  for (std::size_t s = 0; s < kSoundCount; ++s) {
    double energy = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const double frequency = kTractStep * static_cast<double>(k);
      const double value = response_at(static_cast<Sound>(s), frequency, options);
      responses[s].push_back(static_cast<float>(value));
      if (frequency >= 100 && frequency <= 6000) energy += value * value * std::pow(100.0 / frequency, 2.0);
    }
    const auto scale = static_cast<float>(1.0 / std::sqrt(energy));
    for (float& value : responses[s]) value *= scale;
  }
  return responses;
}

}  // namespace pop2piano
