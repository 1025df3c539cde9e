// SPDX-License-Identifier: MIT
// Magnitude responses of the vocal tract for vowels and nasals, as a cascade of resonances.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace pop2piano {

enum class Sound { a, ae, uh, e, i, ih, o, u, schwa, nasal };
inline constexpr std::size_t kVowelCount = 9;
inline constexpr std::size_t kSoundCount = 10;

/// A response sampled every kTractStep Hz from 0.
using TractResponse = std::vector<float>;
inline constexpr double kTractStep = 32.0;  // Hz

/// What the nine vowels are: those of American English, or rounded and central ones that English lacks.
enum class VowelSet { english, foreign };

struct TractOptions {
  double formant_scale = 1.0;        ///< of an adult man's formants
  double first_formant_scale = 1.0;  ///< of the first beside the others: above 1 with an open mouth
  double ring_db = 0;                ///< singer's formant near 3 kHz
  VowelSet vowels = VowelSet::english;
};

/// Of every Sound; each has the same energy over 100..6000 Hz under a source falling with 6 dB an octave.
[[nodiscard]] std::array<TractResponse, kSoundCount> tract_responses(double sample_rate, const TractOptions& options);

}  // namespace pop2piano
