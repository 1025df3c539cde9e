// SPDX-License-Identifier: MIT
// Writes 32-bit float WAV files byte by byte, so that tests can make any that they need, broken ones too.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <string>
#include <vector>

namespace pop2piano::testing {

inline void write_float_wav(const std::filesystem::path& file, const std::vector<float>& interleaved,
                            std::uint32_t rate, std::uint16_t channels) {
  std::string bytes;
  const auto put = [&](auto value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof(value)); };
  const auto size = static_cast<std::uint32_t>(interleaved.size() * sizeof(float));
  bytes += "RIFF";
  put(size + 36);
  bytes += "WAVEfmt ";
  put(std::uint32_t{16});
  put(std::uint16_t{3});
  put(channels);
  put(rate);
  put(rate * channels * 4);
  put(static_cast<std::uint16_t>(channels * 4));
  put(std::uint16_t{32});
  bytes += "data";
  put(size);
  bytes.append(reinterpret_cast<const char*>(interleaved.data()), size);
  std::ofstream(file, std::ios::binary) << bytes;
}

/// A drum-like click on every beat over a chord that changes every bar: enough for beats and notes.
inline std::vector<float> simple_song(double seconds, double tempo, std::uint32_t rate = 22050) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * rate));
  const double beat = 60.0 / tempo;
  for (std::size_t n = 0; n < samples.size(); ++n) {
    const double t = static_cast<double>(n) / rate;
    const double in_beat = std::fmod(t, beat);
    const int bar = static_cast<int>(t / (4 * beat));
    const double root = 130.81 * std::pow(2.0, (bar % 2 == 0 ? 0.0 : 5.0) / 12.0);
    double value = 0.4 * std::exp(-40 * in_beat) * std::sin(2 * std::numbers::pi * 90 * in_beat);
    for (const double ratio : {1.0, 1.26, 1.498}) value += 0.1 * std::sin(2 * std::numbers::pi * root * ratio * t);
    samples[n] = static_cast<float>(value);
  }
  return samples;
}

}  // namespace pop2piano::testing
