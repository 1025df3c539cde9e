// SPDX-License-Identifier: MIT
// The layers of T5 that are not matrix products, differentiable. On a CPU each is one pass in float over rows of bf16
// or float with a hand-written gradient; elsewhere, and in plain_ops for comparison, a composition of libtorch's
// operations.
#pragma once

#include <cstdint>
#include <utility>

#include "learning/train/torch.h"

namespace pop2piano::training {

/// Which scores an attention may look at.
enum class AttentionMask : std::uint8_t { none, causal };

struct AttentionShape {
  std::int64_t batch = 0, heads = 0, head_size = 0;
  std::int64_t queries = 0, keys = 0;  ///< positions per example
  AttentionMask mask = AttentionMask::none;
};

/// x [rows, in] * weight [out, in] transposed -> [rows, out], in the type of both.
at::Tensor project(const at::Tensor& x, const at::Tensor& weight);

/// hidden [rows, d] float -> rms_norm(hidden) * weight in `type`.
at::Tensor rms_norm(const at::Tensor& hidden, const at::Tensor& weight, double eps, at::ScalarType type);

/// hidden [rows, d] float, update [rows, d] -> {hidden + update (float), rms_norm of it * weight (type of update)}.
std::pair<at::Tensor, at::Tensor> add_rms_norm(const at::Tensor& hidden, const at::Tensor& update,
                                               const at::Tensor& weight, double eps);

/// gates [rows, 2 * width]: gelu_tanh(first half) * second half -> [rows, width].
at::Tensor gated_gelu(const at::Tensor& gates);

/// qkv [batch * queries, 3 * heads * head_size], bias [heads, queries, keys] float -> [batch * queries, heads *
/// head_size]. Scores are not scaled.
at::Tensor self_attention(const at::Tensor& qkv, const at::Tensor& bias, const AttentionShape& shape);
/// query [batch * queries, heads * head_size], key_value [batch * keys, 2 * heads * head_size].
at::Tensor cross_attention(const at::Tensor& query, const at::Tensor& key_value, const AttentionShape& shape);

/// The same from libtorch's own differentiable operations: the reference, and what runs on a GPU.
namespace plain_ops {
at::Tensor rms_norm(const at::Tensor& hidden, const at::Tensor& weight, double eps, at::ScalarType type);
std::pair<at::Tensor, at::Tensor> add_rms_norm(const at::Tensor& hidden, const at::Tensor& update,
                                               const at::Tensor& weight, double eps);
at::Tensor gated_gelu(const at::Tensor& gates);
at::Tensor self_attention(const at::Tensor& qkv, const at::Tensor& bias, const AttentionShape& shape);
at::Tensor cross_attention(const at::Tensor& query, const at::Tensor& key_value, const AttentionShape& shape);
}  // namespace plain_ops

}  // namespace pop2piano::training
