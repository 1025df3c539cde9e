// SPDX-License-Identifier: MIT
// A melody as a curve: fundamental frequency over time.
#pragma once

#include <cmath>
#include <vector>

namespace pop2piano {

/// Fundamental frequency over time. A frequency of 0 is unvoiced; a negative one too, but is still compared by raw
/// pitch and raw chroma ("if there were a voice, it would be here").
struct PitchContour {
  std::vector<double> times;        ///< [frames] seconds, strictly increasing
  std::vector<double> frequencies;  ///< [frames] Hz
};

/// MIDI pitch, fractions of a semitone included; A4 = 69 = 440 Hz.
inline double hz_to_midi(double frequency) { return 69.0 + 12.0 * std::log2(frequency / 440.0); }
inline double midi_to_hz(double pitch) { return 440.0 * std::exp2((pitch - 69.0) / 12.0); }

}  // namespace pop2piano
