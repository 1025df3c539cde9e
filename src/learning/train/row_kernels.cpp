// SPDX-License-Identifier: MIT
#include "learning/train/row_kernels.h"

#include <bit>
#include <cmath>
#include <limits>

// The compiler makes one copy of a function per instruction set and the loader picks; helpers must be inlined to
// follow.
#if defined(__x86_64__) && __GNUC__ >= 12 && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define POP2PIANO_ROW_KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define POP2PIANO_ROW_KERNEL
#endif
#define POP2PIANO_ROW_INLINE [[gnu::always_inline]] inline

namespace pop2piano::training::row {
namespace {

POP2PIANO_ROW_INLINE float from_bits(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

POP2PIANO_ROW_INLINE std::uint16_t to_bits(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16;
  const std::uint32_t not_a_number = 0x7FC0U;
  return static_cast<std::uint16_t>((bits & 0x7FFFFFFFU) > 0x7F800000U ? not_a_number : rounded);
}

// Cephes' expf: 2^n * polynomial, relative error below 2e-7 over the clamped range. A NaN stays one.
POP2PIANO_ROW_INLINE float exponential(float x) {
  x = x > 88.0F ? 88.0F : x;
  x = x < -87.0F ? -87.0F : x;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds to an integer
  const float n = (x * 1.44269504F + kRound) - kRound;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const auto exponent = static_cast<std::uint32_t>(static_cast<std::int32_t>(n) + 127) << 23;
  return p * std::bit_cast<float>(exponent);
}

// 1 / (1 + exp(-2u)), so that tanh(u) = 2 s - 1; u as in Hendrycks and Gimpel 2016, the tanh form.
POP2PIANO_ROW_INLINE float gelu_gate(float x) {
  const float u = 0.7978845608F * (x + 0.044715F * x * x * x);
  return 1.0F / (1.0F + exponential(-2.0F * u));
}

}  // namespace

POP2PIANO_ROW_KERNEL void widen(const std::uint16_t* in, float* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] = from_bits(in[i]);
}

POP2PIANO_ROW_KERNEL void narrow(const float* in, std::uint16_t* out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out[i] = to_bits(in[i]);
}

POP2PIANO_ROW_KERNEL void add(const float* in, float* sum, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += in[i];
}

POP2PIANO_ROW_KERNEL void scale(float* values, float factor, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] *= factor;
}

POP2PIANO_ROW_KERNEL double square_sum(const float* values, std::size_t count) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < count; ++i) sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return sum;
}

POP2PIANO_ROW_KERNEL float rms_norm(const float* x, const float* weight, float eps, float* out, std::size_t count) {
  float sum = 0.0F;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < count; ++i) sum += x[i] * x[i];
  const float inverse = 1.0F / std::sqrt(sum / static_cast<float>(count) + eps);
  for (std::size_t i = 0; i < count; ++i) out[i] = x[i] * inverse * weight[i];
  return inverse;
}

POP2PIANO_ROW_KERNEL void rms_norm_gradient(const float* x, const float* weight, float inverse_rms,
                                            const float* grad_out, float* grad_x, float* grad_weight,
                                            std::size_t count) {
  float dot = 0.0F;
#pragma omp simd reduction(+ : dot)
  for (std::size_t i = 0; i < count; ++i) dot += grad_out[i] * weight[i] * x[i];
  const float along = dot * inverse_rms * inverse_rms * inverse_rms / static_cast<float>(count);
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) {
    grad_x[i] += grad_out[i] * weight[i] * inverse_rms - x[i] * along;
    grad_weight[i] += grad_out[i] * x[i] * inverse_rms;
  }
}

POP2PIANO_ROW_KERNEL void gated_gelu(const float* gate, const float* linear, float* out, std::size_t count) {
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) out[i] = gate[i] * gelu_gate(gate[i]) * linear[i];
}

POP2PIANO_ROW_KERNEL void gated_gelu_gradient(const float* gate, const float* linear, const float* grad_out,
                                              float* grad_gate, float* grad_linear, std::size_t count) {
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) {
    const float x = gate[i];
    const float s = gelu_gate(x);
    const float slope = 0.7978845608F * (1.0F + 0.134145F * x * x);
    grad_linear[i] = grad_out[i] * x * s;
    grad_gate[i] = grad_out[i] * linear[i] * (s + 2.0F * x * s * (1.0F - s) * slope);
  }
}

POP2PIANO_ROW_KERNEL void softmax(float* scores, const float* bias, std::size_t count) {
  float largest = -std::numeric_limits<float>::max();
  if (bias != nullptr) {
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) scores[i] += bias[i];
  }
#pragma omp simd reduction(max : largest)
  for (std::size_t i = 0; i < count; ++i) largest = scores[i] > largest ? scores[i] : largest;
  float sum = 0.0F;
#pragma omp simd reduction(+ : sum)
  for (std::size_t i = 0; i < count; ++i) {
    scores[i] = exponential(scores[i] - largest);
    sum += scores[i];
  }
  const float inverse = 1.0F / sum;
  for (std::size_t i = 0; i < count; ++i) scores[i] *= inverse;
}

POP2PIANO_ROW_KERNEL void softmax_gradient(const float* probabilities, float* grad, std::size_t count) {
  float dot = 0.0F;
#pragma omp simd reduction(+ : dot)
  for (std::size_t i = 0; i < count; ++i) dot += probabilities[i] * grad[i];
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) grad[i] = probabilities[i] * (grad[i] - dot);
}

POP2PIANO_ROW_KERNEL void adamw(const AdamWStep& step, const float* gradient, float* weight, float* mean, float* square,
                                float* average, std::size_t count) {
  const AdamWStep s = step;
  const float mean_scale = s.rate / s.correction1;
  const float square_scale = 1.0F / s.correction2;
  const float keep = 1.0F - s.rate * s.weight_decay;
#pragma omp simd
  for (std::size_t i = 0; i < count; ++i) {
    const float g = gradient[i] * s.gradient_scale;
    const float m = s.beta1 * mean[i] + (1.0F - s.beta1) * g;
    const float v = s.beta2 * square[i] + (1.0F - s.beta2) * g * g;
    const float w = weight[i] * keep - mean_scale * m / (std::sqrt(v * square_scale) + s.epsilon);
    mean[i] = m;
    square[i] = v;
    weight[i] = w;
    average[i] = s.average_decay * average[i] + (1.0F - s.average_decay) * w;
  }
}

}  // namespace pop2piano::training::row
