// SPDX-License-Identifier: MIT
// Which one channel stands for several: their plain mean, unless what they share is in opposite phase and the mean
// would lose it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sound/audio/pcm.h"
#include "sound/dsp/fft.h"

namespace pop2piano {

struct Mono {
  enum class Kind : std::uint8_t {
    mean,        ///< of all channels
    difference,  ///< of left and right, halved
    one,         ///< channel alone
  };
  Kind kind = Kind::mean;
  std::size_t channel = 0;  ///< from 0, of `one`
};

/// [channels] of mix_down().
std::vector<float> mono_weights(const Mono& mono, std::size_t channels);

/// Energy and correlation of the channels, of a part of the samples.
class ChannelStatistics {
 public:
  explicit ChannelStatistics(int sample_rate);
  void add(const PcmBlock& block);
  /// After the last block.
  [[nodiscard]] Mono choose();
  /// For the user; empty for the mean.
  [[nodiscard]] std::string explain(const Mono& mono) const;

 private:
  void measure();
  void compare_pair();
  [[nodiscard]] std::size_t loudest() const;

  RealFft fft_;
  std::vector<float> window_;                // [size of fft_]
  std::size_t first_bin_, last_bin_;         // of what is compared
  std::size_t position_ = 0;                 // frames since the last measured block began
  std::size_t measured_ = 0;                 // blocks
  std::vector<std::vector<float>> samples_;  // [channels][frames so far] of the block that is measured
  std::vector<double> energy_;               // [channels]
  double mean_energy_ = 0.0;
  double whole_ = 0.0;                               // of two channels
  double left_ = 0.0, right_ = 0.0, product_ = 0.0;  // of two channels, between kLowest and kHighest
  double opposed_ = 0.0;                             // of left_ + right_, where the phases are opposite
};

}  // namespace pop2piano
