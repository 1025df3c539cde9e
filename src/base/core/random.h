// SPDX-License-Identifier: MIT
// Random numbers that are the same on every machine and compiler (the standard distributions are not).
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

namespace pop2piano {

/// SplitMix64 (Steele, Lea, Flood 2014). Copyable; a copy continues the same sequence.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform in [0, count).
  std::size_t index(std::size_t count) { return static_cast<std::size_t>(uniform() * static_cast<double>(count)); }
  bool chance(double probability) { return uniform() < probability; }
  /// Standard normal (Box-Muller, one value a call).
  double normal() {
    const double u = 1.0 - uniform();
    return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * uniform());
  }
  /// An independent generator for a named part of the work.
  Random fork(std::uint64_t stream) {
    Random mixed(state_ ^ (stream * 0xD1B54A32D192ED03ULL));
    return Random(mixed.next());
  }

 private:
  std::uint64_t state_;
};

}  // namespace pop2piano
