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
void add_channel(const PcmBlock& block, std::size_t channel, std::span<const float> weights, float* out,
                 PcmDamage& damage) {
  const std::size_t outputs = weights.size() / block.channels;
  const std::size_t stride = block.planar ? 1 : block.channels;
  const std::uint8_t* from = block.planar ? block.planes[channel] : block.planes[0] + channel * sizeof(T);
  for (std::size_t i = 0; i < block.frames; ++i) {
    T raw;
    std::memcpy(&raw, from + i * stride * sizeof(T), sizeof(T));
    const float sample = to_float(raw, damage);
    for (std::size_t o = 0; o < outputs; ++o) out[i * outputs + o] += weights[o * block.channels + channel] * sample;
  }
}

template <typename T>
void add_all(const PcmBlock& block, std::span<const float> weights, float* out, PcmDamage& damage) {
  for (std::size_t c = 0; c < block.channels; ++c) add_channel<T>(block, c, weights, out, damage);
}

}  // namespace

void mix_down(const PcmBlock& block, std::span<const float> weights, std::vector<float>& interleaved,
              PcmDamage& damage) {
  if (block.channels == 0) return;
  const std::size_t before = interleaved.size();
  interleaved.resize(before + block.frames * (weights.size() / block.channels), 0.0F);
  float* out = interleaved.data() + before;
  switch (block.type) {
    case SampleType::unsigned8:
      return add_all<std::uint8_t>(block, weights, out, damage);
    case SampleType::signed16:
      return add_all<std::int16_t>(block, weights, out, damage);
    case SampleType::signed32:
      return add_all<std::int32_t>(block, weights, out, damage);
    case SampleType::signed64:
      return add_all<std::int64_t>(block, weights, out, damage);
    case SampleType::float32:
      return add_all<float>(block, weights, out, damage);
    case SampleType::float64:
      return add_all<double>(block, weights, out, damage);
  }
}

}  // namespace pop2piano
