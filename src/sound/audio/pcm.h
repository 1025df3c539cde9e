// SPDX-License-Identifier: MIT
// Decoded samples of any type and channel count -> float samples of one or two channels, always finite.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pop2piano {

enum class SampleType : std::uint8_t { unsigned8, signed16, signed32, signed64, float32, float64 };

/// What a decoder hands over. Interleaved: planes[0] holds [frames, channels]; planar: planes[c] holds [frames].
struct PcmBlock {
  SampleType type = SampleType::float32;
  bool planar = false;
  std::size_t channels = 0;
  std::size_t frames = 0;
  const std::uint8_t* const* planes = nullptr;
};

/// Samples that were not usable as they were.
struct PcmDamage {
  std::int64_t not_finite = 0;  ///< NaN or infinite, replaced by 0
  std::int64_t too_large = 0;   ///< beyond kLargestSample, clamped to it
};

/// 30 dB above full scale: lossy decoders and float mixes overshoot 1, but never by that much.
inline constexpr float kLargestSample = 32.0F;

/// Appends frames * outputs samples to `interleaved`; output o is the sum over channels c of weights[o * channels + c]
/// times the channel.
void mix_down(const PcmBlock& block, std::span<const float> weights, std::vector<float>& interleaved,
              PcmDamage& damage);

/// Fills `out` with the samples of one channel from frame `first` on, as mix_down() takes them.
void read_channel(const PcmBlock& block, std::size_t channel, std::size_t first, std::span<float> out);

}  // namespace pop2piano
