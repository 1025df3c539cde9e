// SPDX-License-Identifier: MIT
#include "sound/audio/pcm.h"

#include <cmath>
#include <cstring>
#include <type_traits>

namespace pop2piano {
namespace {

template <typename T>
float to_float(T value, PcmDamage& damage) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::abs(value) <= T{kLargestSample}) return static_cast<float>(value);
    if (!std::isfinite(value)) {
      ++damage.not_finite;
      return 0.0F;
    }
    ++damage.too_large;
    return value > 0 ? kLargestSample : -kLargestSample;
  } else if constexpr (std::is_same_v<T, std::uint8_t>) {
    return static_cast<float>(static_cast<int>(value) - 128) * 0x1p-7F;
  } else {
    constexpr double kScale = 1.0 / (2.0 * static_cast<double>(std::make_unsigned_t<T>{1} << (8 * sizeof(T) - 2)));
    return static_cast<float>(static_cast<double>(value) * kScale);
  }
}

template <typename T>
T raw_sample(const PcmBlock& block, std::size_t channel, std::size_t frame) {
  const std::uint8_t* from = block.planar ? block.planes[channel] : block.planes[0] + channel * sizeof(T);
  T raw;
  std::memcpy(&raw, from + frame * (block.planar ? 1 : block.channels) * sizeof(T), sizeof(T));
  return raw;
}

template <typename T>
void add_channel(const PcmBlock& block, std::size_t channel, std::span<const float> weights, float* out,
                 PcmDamage& damage) {
  const std::size_t outputs = weights.size() / block.channels;
  for (std::size_t i = 0; i < block.frames; ++i) {
    const float sample = to_float(raw_sample<T>(block, channel, i), damage);
    for (std::size_t o = 0; o < outputs; ++o) out[i * outputs + o] += weights[o * block.channels + channel] * sample;
  }
}

template <typename T>
void add_all(const PcmBlock& block, std::span<const float> weights, float* out, PcmDamage& damage) {
  for (std::size_t c = 0; c < block.channels; ++c) add_channel<T>(block, c, weights, out, damage);
}

/// Calls action(T{}) with the type of the samples.
template <typename Action>
void for_type(SampleType type, Action&& action) {
  switch (type) {
    case SampleType::unsigned8:
      return action(std::uint8_t{});
    case SampleType::signed16:
      return action(std::int16_t{});
    case SampleType::signed32:
      return action(std::int32_t{});
    case SampleType::signed64:
      return action(std::int64_t{});
    case SampleType::float32:
      return action(float{});
    case SampleType::float64:
      return action(double{});
  }
}

}  // namespace

void mix_down(const PcmBlock& block, std::span<const float> weights, std::vector<float>& interleaved,
              PcmDamage& damage) {
  if (block.channels == 0) return;
  const std::size_t before = interleaved.size();
  interleaved.resize(before + block.frames * (weights.size() / block.channels), 0.0F);
  float* out = interleaved.data() + before;
  for_type(block.type, [&](auto zero) { add_all<decltype(zero)>(block, weights, out, damage); });
}

void read_channel(const PcmBlock& block, std::size_t channel, std::size_t first, std::span<float> out) {
  PcmDamage counted_elsewhere;
  for_type(block.type, [&](auto zero) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = to_float(raw_sample<decltype(zero)>(block, channel, first + i), counted_elsewhere);
    }
  });
}

}  // namespace pop2piano
