// SPDX-License-Identifier: MIT
// Synthesised drum sounds at known times, and how well found beats agree with them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

#include "base/core/random.h"

namespace pop2piano {

inline constexpr double kRate = 22050;

struct Sound {
  std::vector<float> samples;  // mono, 22,050 Hz
  explicit Sound(double seconds) : samples(static_cast<std::size_t>(seconds * kRate), 0.0f) {}

  // A decaying sine; begins exactly at `time`, between samples if need be.
  void tone(double time, double frequency, double level, double decay_seconds) {
    const auto first = static_cast<std::size_t>(std::ceil(std::max(0.0, time) * kRate));
    for (std::size_t i = first; i < samples.size(); ++i) {
      const double t = static_cast<double>(i) / kRate - time;
      if (t > 7 * decay_seconds) break;
      samples[i] +=
          static_cast<float>(level * std::exp(-t / decay_seconds) * std::sin(2 * std::numbers::pi * frequency * t));
    }
  }
  void noise(double time, double level, double decay_seconds, Random& random) {
    const auto first = static_cast<std::size_t>(std::ceil(std::max(0.0, time) * kRate));
    for (std::size_t i = first; i < samples.size(); ++i) {
      const double t = static_cast<double>(i) / kRate - time;
      if (t > 7 * decay_seconds) break;
      samples[i] += static_cast<float>(level * std::exp(-t / decay_seconds) * random.uniform(-1, 1));
    }
  }
  void kick(double time) { tone(time, 60, 0.6, 0.06); }
  void snare(double time, Random& random) { noise(time, 0.3, 0.05, random), tone(time, 190, 0.2, 0.04); }
  void hat(double time, double level, Random& random) { noise(time, 0.12 * level, 0.015, random); }
  // A sustained triad that fades over `seconds`.
  void chord(double time, double root_hertz, double seconds) {
    for (const double ratio : {0.5, 1.0, 1.25, 1.5, 2.0}) tone(time, root_hertz * ratio, 0.06, seconds);
  }
};

// A pop beat: kick on 1 and 3, snare on 2 and 4, hats on the halves, a new chord with each bar. `beats[i]` seconds.
inline Sound drum_loop(const std::vector<double>& beats, std::size_t first_downbeat, std::size_t metre) {
  Sound sound(beats.back() + 1.0);
  Random random(3);
  constexpr double kRoots[] = {220.0, 174.61, 261.63, 196.0};
  for (std::size_t i = 0; i + 1 < beats.size(); ++i) {
    const std::size_t place = (i + metre - first_downbeat % metre) % metre,
                      bar = (i + metre - first_downbeat % metre) / metre;
    const double length = beats[i + 1] - beats[i];
    if (place == 0) sound.chord(beats[i], kRoots[bar % 4], 1.5 * length * static_cast<double>(metre) / 4);
    const bool heavy = metre == 4 ? place % 2 == 0 : place == 0;
    if (heavy)
      sound.kick(beats[i]);
    else
      sound.snare(beats[i], random);
    sound.hat(beats[i], 1.0, random);
    sound.hat(beats[i] + 0.5 * length, 0.6, random);
  }
  return sound;
}

inline std::vector<double> even_beats(double tempo, double first, std::size_t count) {
  std::vector<double> beats;
  for (std::size_t i = 0; i < count; ++i) beats.push_back(first + 60 / tempo * static_cast<double>(i));
  return beats;
}

// F-measure with a window of `tolerance` seconds to either side; both ascending.
inline double f_measure(std::span<const double> truth, std::span<const double> found, double tolerance) {
  std::size_t i = 0, j = 0, hits = 0;
  while (i < truth.size() && j < found.size()) {
    const double difference = found[j] - truth[i];
    if (std::abs(difference) <= tolerance)
      ++hits, ++i, ++j;
    else if (difference < 0)
      ++j;
    else
      ++i;
  }
  return 2.0 * static_cast<double>(hits) / static_cast<double>(truth.size() + found.size());
}

}  // namespace pop2piano
