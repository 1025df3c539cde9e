// SPDX-License-Identifier: MIT
#include "learning/train_t5/fused_ops.h"

namespace pop2piano::training::plain_ops {
namespace {

// [batch * positions, heads * size] -> [batch * heads, positions, size]
at::Tensor by_head(const at::Tensor& rows, const AttentionShape& s, std::int64_t positions) {
  return rows.reshape({s.batch, positions, s.heads, s.head_size})
      .transpose(1, 2)
      .reshape({s.batch * s.heads, positions, s.head_size});
}

at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const at::Tensor& bias,
                  const AttentionShape& s) {
  const auto q = by_head(query, s, s.queries), k = by_head(key, s, s.keys), v = by_head(value, s, s.keys);
  auto scores = at::bmm(q, k.transpose(1, 2)).to(at::kFloat).view({s.batch, s.heads, s.queries, s.keys});
  if (bias.defined()) scores = scores + bias;
  if (s.mask == AttentionMask::causal) {
    const auto future = at::ones({s.queries, s.keys}, scores.options().dtype(at::kBool)).triu(1 + s.keys - s.queries);
    scores = scores.masked_fill(future, -1e30);
  }
  const auto p = at::softmax(scores, -1).to(query.scalar_type()).view({s.batch * s.heads, s.queries, s.keys});
  return at::bmm(p, v)
      .view({s.batch, s.heads, s.queries, s.head_size})
      .transpose(1, 2)
      .reshape({s.batch * s.queries, s.heads * s.head_size});
}

}  // namespace

at::Tensor rms_norm(const at::Tensor& hidden, const at::Tensor& weight, double eps, at::ScalarType type) {
  return (hidden * at::rsqrt(hidden.square().mean(-1, true) + eps) * weight).to(type);
}

std::pair<at::Tensor, at::Tensor> add_rms_norm(const at::Tensor& hidden, const at::Tensor& update,
                                               const at::Tensor& weight, double eps) {
  auto sum = hidden + update;
  auto normed = rms_norm(sum, weight, eps, update.scalar_type());
  return {std::move(sum), std::move(normed)};
}

at::Tensor gated_gelu(const at::Tensor& gates) {
  const auto halves = gates.to(at::kFloat).chunk(2, -1);
  return (at::gelu(halves[0], "tanh") * halves[1]).to(gates.scalar_type());
}

at::Tensor self_attention(const at::Tensor& qkv, const at::Tensor& bias, const AttentionShape& shape) {
  const auto parts = qkv.chunk(3, -1);
  return attend(parts[0], parts[1], parts[2], bias, shape);
}

at::Tensor cross_attention(const at::Tensor& query, const at::Tensor& key_value, const AttentionShape& shape) {
  const auto parts = key_value.chunk(2, -1);
  return attend(query, parts[0], parts[1], at::Tensor(), shape);
}

}  // namespace pop2piano::training::plain_ops
