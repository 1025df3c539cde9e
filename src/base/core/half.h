// SPDX-License-Identifier: MIT
// IEEE 754 half precision as 16 bits, converted in plain code that compilers vectorise (after F. Giesen's
// float->half variants). Round to nearest, ties to even.
#pragma once

#include <bit>
#include <cstdint>

namespace pop2piano {

inline float half_to_float(std::uint16_t half) {
  const std::uint32_t magnitude = (half & 0x7FFFU) << 13;
  // Scaling by 2^112 moves the exponent and makes subnormals right; infinities and NaN need the float's own exponent.
  std::uint32_t bits = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1.0p112F);
  bits |= magnitude >= 0x0F800000U ? 0x7F800000U : 0U;
  return std::bit_cast<float>(bits | (half & 0x8000U) << 16);
}

inline std::uint16_t float_to_half(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7E00U);   // NaN
  if (magnitude >= 0x477FF000U) return static_cast<std::uint16_t>(sign | 0x7C00U);  // rounds past 65504
  if (magnitude < 0x38800000U) {                                                    // subnormal or zero
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;                   // rounds to multiples of 2^-24
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000U));
  }
  const std::uint32_t odd = (magnitude >> 13) & 1U;
  return static_cast<std::uint16_t>(sign | ((magnitude - 0x38000000U + 0xFFFU + odd) >> 13));
}

}  // namespace pop2piano
