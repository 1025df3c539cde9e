// SPDX-License-Identifier: MIT
// The inner loops of training on a CPU, one row of floats a call. libtorch 1.13 computes a tanh GELU in bf16 at 0.1
// Gelement/s and needs five passes for a normalisation; these loops vectorise and keep a row in the first-level cache.
// Each is cloned by the compiler for AVX-512, AVX2 and the baseline. They serve the backward pass too, which the
// engine's kernels know nothing of.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pop2piano::training::row {

/// bf16 bits -> float and back, to nearest even; a NaN stays one.
void widen(const std::uint16_t* in, float* out, std::size_t count);
void narrow(const float* in, std::uint16_t* out, std::size_t count);

/// sum += in
void add(const float* in, float* sum, std::size_t count);
void scale(float* values, float factor, std::size_t count);
/// Sum of squares, in double.
double square_sum(const float* values, std::size_t count);

/// out = x / rms(x) * weight; returns 1 / rms(x) with eps inside the root.
float rms_norm(const float* x, const float* weight, float eps, float* out, std::size_t count);
/// grad_x += gradient by x; grad_weight += gradient by weight.
void rms_norm_gradient(const float* x, const float* weight, float inverse_rms, const float* grad_out, float* grad_x,
                       float* grad_weight, std::size_t count);

/// out = gelu_tanh(gate) * linear
void gated_gelu(const float* gate, const float* linear, float* out, std::size_t count);
void gated_gelu_gradient(const float* gate, const float* linear, const float* grad_out, float* grad_gate,
                         float* grad_linear, std::size_t count);

/// scores = softmax(scores + bias); `bias` may be null.
void softmax(float* scores, const float* bias, std::size_t count);
/// grad (by the probabilities) becomes the gradient by the scores.
void softmax_gradient(const float* probabilities, float* grad, std::size_t count);

struct AdamWStep {
  float rate = 0.0F;            ///< learning rate of this step
  float beta1 = 0.9F;           ///< decay of the mean of gradients
  float beta2 = 0.98F;          ///< decay of the mean of squared gradients
  float epsilon = 1e-8F;        ///< keeps the division finite
  float weight_decay = 0.01F;   ///< decoupled, times rate
  float correction1 = 1.0F;     ///< 1 - beta1^t
  float correction2 = 1.0F;     ///< 1 - beta2^t
  float gradient_scale = 1.0F;  ///< clipping and averaging, applied to the gradient first
  float average_decay = 0.0F;   ///< of the exponential moving average of weights
};

/// One AdamW step (Loshchilov and Hutter 2019) and the moving average of the weights. All arrays [count].
void adamw(const AdamWStep& step, const float* gradient, float* weight, float* mean, float* square, float* average,
           std::size_t count);

}  // namespace pop2piano::training::row
