// SPDX-License-Identifier: MIT
// A voice that speaks or sings, made by the tests: pulses through the resonances of vowels, with noise for consonants.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

#include "base/core/random.h"
#include "music/score/played_note.h"

namespace pop2piano::testing {

inline constexpr double kVoiceRate = 22050.0;

/// Two-pole resonance.
class Formant {
 public:
  void set(double hertz, double width) {
    const double r = std::exp(-std::numbers::pi * width / kVoiceRate);
    feedback_ = 2.0 * r * std::cos(2.0 * std::numbers::pi * hertz / kVoiceRate);
    damping_ = r * r;
    gain_ = 1.0 - feedback_ + damping_;
  }
  double next(double sample) {
    const double value = gain_ * sample + feedback_ * last_ - damping_ * before_;
    before_ = last_;
    last_ = value;
    return value;
  }

 private:
  double feedback_ = 0.0, damping_ = 0.0, gain_ = 1.0, last_ = 0.0, before_ = 0.0;
};

/// A syllable: its pitch glides from one to the other.
struct Syllable {
  double begin = 0.0, end = 0.0;  ///< seconds
  double from = 48.0, to = 48.0;  ///< MIDI numbers
  std::size_t vowel = 0;          ///< 0..4: a e i o u
  double vibrato = 0.0;           ///< semitones to either side
  double consonant = 0.0;         ///< seconds of noise at its beginning
};

inline void add_voice(std::span<const Syllable> syllables, std::span<float> sound, std::uint64_t seed) {
  constexpr std::array<std::array<double, 3>, 5> kVowels = {
      {{730, 1090, 2440}, {530, 1840, 2480}, {270, 2290, 3010}, {570, 840, 2410}, {300, 870, 2240}}};
  Random random(seed);
  for (const Syllable& syllable : syllables) {
    std::array<Formant, 3> formants;
    for (std::size_t k = 0; k < 3; ++k)
      formants[k].set(kVowels[syllable.vowel][k], 60.0 + 30.0 * static_cast<double>(k));
    const double length = syllable.end - syllable.begin;
    double phase = 0.0;
    const auto first = static_cast<std::size_t>(syllable.begin * kVoiceRate);
    for (std::size_t n = 0; first + n < sound.size(); ++n) {
      const double time = static_cast<double>(n) / kVoiceRate;
      if (time >= length) break;
      const double wave = syllable.vibrato * std::sin(2.0 * std::numbers::pi * 5.5 * time);
      const double pitch = syllable.from + (syllable.to - syllable.from) * time / length + wave;
      phase += 440.0 * std::exp2((pitch - 69.0) / 12.0) / kVoiceRate;
      double source = 0.02 * random.normal();  // breath
      if (phase >= 1.0) phase -= 1.0, source += 12.0;
      for (Formant& formant : formants) source = formant.next(source);
      const double loud = std::min({1.0, time / 0.03, (length - time) / 0.05});
      const double noise = time < syllable.consonant ? 0.05 * random.normal() : 0.0;
      sound[first + n] += static_cast<float>(std::max(0.0, loud) * 0.2 * source + noise);
    }
  }
}

/// Somebody talks for so many seconds.
inline std::vector<float> speech(double seconds, std::uint64_t seed) {
  Random random(seed);
  std::vector<Syllable> syllables;
  for (double time = 0.2; time < seconds - 0.5;) {
    const double length = random.uniform(0.1, 0.28), pitch = random.uniform(42.0, 52.0);
    syllables.push_back({.begin = time,
                         .end = time + length,
                         .from = pitch,
                         .to = pitch + random.uniform(-3.0, 2.0),
                         .vowel = random.index(5),
                         .consonant = random.chance(0.6) ? random.uniform(0.02, 0.08) : 0.0});
    time += length + (random.chance(0.15) ? random.uniform(0.3, 0.7) : random.uniform(0.0, 0.06));
  }
  std::vector<float> sound(static_cast<std::size_t>(seconds * kVoiceRate), 0.0F);
  add_voice(syllables, sound, seed + 1);
  return sound;
}

/// These notes are sung, an octave lower, into the sound.
inline void add_singing(std::span<const PlayedNote> melody, std::span<float> sound, std::uint64_t seed) {
  Random random(seed);
  std::vector<Syllable> syllables;
  for (const PlayedNote& note : melody) {
    syllables.push_back({.begin = note.onset,
                         .end = note.offset,
                         .from = note.pitch - 12.3,
                         .to = note.pitch - 12.0,
                         .vowel = random.index(5),
                         .vibrato = 0.4,
                         .consonant = random.chance(0.4) ? 0.03 : 0.0});
  }
  add_voice(syllables, sound, seed + 1);
}

}  // namespace pop2piano::testing
