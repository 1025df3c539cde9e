// SPDX-License-Identifier: MIT
// What is done to single rows between the products: norm, softmax, gate, rounding.
#pragma once

#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/vector_math.inl"

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

namespace pop2piano::kernels {
namespace {

void rms_norm(const float* x, const float* weight, float epsilon, std::size_t n, float* out) {
  V squares{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const V v = load(x + i);
    squares += v * v;
  }
  const V rest = load_part(x + i, n - i, 0.0F);
  squares += rest * rest;
  const float scale = 1.0F / __builtin_sqrtf(sum(squares) / static_cast<float>(n) + epsilon);
  i = 0;
  for (; i + kLanes <= n; i += kLanes) store(out + i, load(x + i) * scale * load(weight + i));
  for (; i < n; ++i) out[i] = x[i] * scale * weight[i];
}

/// Adds the bias, pads the last vector with lows, and returns the largest.
inline __attribute__((always_inline)) float prepare_scores(float* scores, const float* bias, std::size_t n) {
  constexpr float kLow = -3.0e38F;
  V best = splat(kLow);
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    V v = load(scores + i);
    if (bias != nullptr) v += load(bias + i);
    store(scores + i, v);
    best = largest(best, v);
  }
  if (i < n) {
    V v = load_part(scores + i, n - i, kLow);
    if (bias != nullptr) v += load_part(bias + i, n - i, 0.0F);
    store(scores + i, v);
    best = largest(best, v);
  }
  float top = best[0];
  for (int lane = 1; lane < kLanes; ++lane) top = best[lane] > top ? best[lane] : top;
  return top;
}

/// exp(x) for x <= 0, exactly 0 below -60: what a float sum cannot see, and what would become subnormal when divided by
/// the sum (products with subnormal numbers take 150 cycles on Intel's processors).
inline __attribute__((always_inline)) V decay(V x) { return x < -60.0F ? V{} : exponential(x); }

void softmax(float* scores, const float* bias, std::size_t n) {
  const float top = prepare_scores(scores, bias, n);
  V total{};
  std::size_t i = 0;
  for (; i < n; i += kLanes) {  // lanes behind n hold lows and become 0
    const V e = decay(load(scores + i) - top);
    store(scores + i, e);
    total += e;
  }
  const float scale = 1.0F / sum(total);
  const std::size_t end = i;
  for (i = 0; i < end; i += kLanes) store(scores + i, load(scores + i) * scale);
  const std::size_t padded = (n + 31) / 32 * 32;
  for (i = end; i < padded; ++i) scores[i] = 0.0F;
}

void gated_gelu(const float* gate, const float* linear, std::size_t n, float* out) {
  // gelu(x) = x / 2 (1 + tanh u) = x / (1 + exp(-2 u)), u = sqrt(2/pi) (x + 0.044715 x^3)
  constexpr float kScale = -1.5957691216057308F;  // -2 sqrt(2/pi)
  for (std::size_t i = 0; i < n; i += kLanes) {
    const V x = load(gate + i);
    // Beyond 40 the result is 0 next to any other; cut there, it does not become subnormal.
    const V exponent = smallest((x + x * x * x * 0.044715F) * kScale, splat(40.0F));
    store(out + i, x / (exponential(exponent) + 1.0F) * load(linear + i));
  }
}

void round_bf16(const float* x, std::size_t n, std::size_t padded, std::uint16_t* out) {
  std::size_t done = 0;
#if defined(__AVX512BF16__)
  for (; done + 16 <= n; done += 16) {
    const __m256bh rounded = _mm512_cvtneps_pbh(_mm512_loadu_ps(x + done));
    __builtin_memcpy(out + done, &rounded, 32);
  }
#endif
  for (std::size_t i = done; i < n; ++i) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, x + i, 4);
    out[i] = static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
  }
  for (std::size_t i = n; i < padded; ++i) out[i] = 0;
}

void round_split(const float* x, std::size_t n, std::size_t padded, std::size_t part_stride, std::uint16_t* out) {
  for (std::size_t i = 0; i < n; ++i) {
    float rest = x[i];
    for (int part = 0; part < kSplitParts; ++part) {
      std::uint32_t bits;
      __builtin_memcpy(&bits, &rest, 4);
      bits &= 0xFFFF0000U;  // towards zero: the rest is exact and has the same sign
      out[static_cast<std::size_t>(part) * part_stride + i] = static_cast<std::uint16_t>(bits >> 16);
      float high;
      __builtin_memcpy(&high, &bits, 4);
      rest -= high;
    }
  }
  for (int part = 0; part < kSplitParts; ++part) {
    for (std::size_t i = n; i < padded; ++i) out[static_cast<std::size_t>(part) * part_stride + i] = 0;
  }
}

float round_int8(const float* x, std::size_t n, std::size_t padded, std::int8_t* out) {
  V best{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    const V v = load(x + i);
    best = largest(best, v > 0.0F ? v : -v);
  }
  float top = 0.0F;
  for (int lane = 0; lane < kLanes; ++lane) top = best[lane] > top ? best[lane] : top;
  for (; i < n; ++i) top = __builtin_fabsf(x[i]) > top ? __builtin_fabsf(x[i]) : top;
  const float inverse = top > 0.0F ? 127.0F / top : 0.0F;
  for (i = 0; i < n; ++i) {
    const float shifted = x[i] * inverse + 12582912.0F;  // rounds to the nearest integer, ties to even
    out[i] = static_cast<std::int8_t>(static_cast<std::int32_t>(shifted - 12582912.0F));
  }
  for (i = n; i < padded; ++i) out[i] = 0;
  return top / 127.0F;
}

float log_sum_exp(const float* x, std::size_t n) {
  float top = x[0];
  for (std::size_t i = 1; i < n; ++i) top = x[i] > top ? x[i] : top;
  V total{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) total += exponential(load(x + i) - top);
  float rest = 0.0F;
  for (; i < n; ++i) rest += __builtin_expf(x[i] - top);
  return top + __builtin_logf(sum(total) + rest);
}

}  // namespace
}  // namespace pop2piano::kernels
