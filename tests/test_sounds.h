// SPDX-License-Identifier: MIT
// Sounds with known pitch for tests.
#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <numbers>
#include <vector>

namespace pop2piano::testing {

/// A tone with harmonics of amplitude 1/h whose frequency (Hz) follows `frequency(seconds)`; 0 is silence.
inline std::vector<float> tone(double seconds, int sample_rate, const std::function<double(double)>& frequency,
                               std::size_t harmonics = 8, double amplitude = 0.2) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * sample_rate));
  double phase = 0.0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double f = frequency(static_cast<double>(i) / sample_rate);
    if (f <= 0.0) continue;
    phase += 2.0 * std::numbers::pi * f / sample_rate;
    for (std::size_t h = 1; h <= harmonics && f * static_cast<double>(h) < 0.45 * sample_rate; ++h) {
      samples[i] += static_cast<float>(amplitude / static_cast<double>(h) * std::sin(phase * static_cast<double>(h)));
    }
  }
  return samples;
}

inline std::vector<float> mixed(std::vector<float> a, const std::vector<float>& b) {
  if (b.size() > a.size()) a.resize(b.size());
  for (std::size_t i = 0; i < b.size(); ++i) a[i] += b[i];
  return a;
}

}  // namespace pop2piano::testing
