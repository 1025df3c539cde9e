// SPDX-License-Identifier: MIT
// Integrated loudness of one channel by ITU-R BS.1770-4: K-weighting, blocks of 400 ms every 100 ms, absolute gate at
// -70 LUFS and relative gate 10 LU below the rest.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace pop2piano {

class LoudnessMeter {
 public:
  /// 8000..192000 samples per second; else throws Error(invalid_argument).
  explicit LoudnessMeter(int sample_rate);

  void push(std::span<const float> samples);
  /// LUFS; minus infinity when no block passes the gates.
  [[nodiscard]] double integrated() const;

 private:
  /// Direct form II transposed.
  struct Biquad {
    double b0, b1, b2, a1, a2;
    double z1 = 0.0, z2 = 0.0;
    double filter(double x);
  };

  Biquad shelf_, highpass_;
  std::size_t hop_samples_;
  std::size_t in_hop_ = 0;
  double hop_energy_ = 0.0;
  std::vector<double> hop_power_;  // mean square of each 100 ms
};

}  // namespace pop2piano
