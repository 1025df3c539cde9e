// SPDX-License-Identifier: MIT
// Attention with T5's additive bias and its gradient on a CPU: matrix products by libtorch (oneDNN in bf16), the
// softmax in place in float.
#include <algorithm>
#include <cstring>

#include "learning/train/float_rows.h"
#include "learning/train_t5/fused_ops.h"

namespace pop2piano::training {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// Columns [first, first + heads * size) of rows [batch * positions, width] -> [batch * heads, positions, size].
at::Tensor gather_heads(const at::Tensor& rows, std::int64_t first, const AttentionShape& s, std::int64_t positions) {
  auto out = at::empty({s.batch * s.heads, positions, s.head_size}, rows.options());
  const std::int64_t width = rows.size(1), element = rows.element_size();
  const auto* from = static_cast<const char*>(rows.data_ptr());
  auto* to = static_cast<char*>(out.data_ptr());
  const auto bytes = static_cast<std::size_t>(s.head_size * element);
  at::parallel_for(0, s.batch * s.heads, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t bh = begin; bh < end; ++bh) {
      const std::int64_t b = bh / s.heads, h = bh % s.heads;
      for (std::int64_t t = 0; t < positions; ++t) {
        std::memcpy(to + (bh * positions + t) * s.head_size * element,
                    from + ((b * positions + t) * width + first + h * s.head_size) * element, bytes);
      }
    }
  });
  return out;
}

// The inverse, into columns of `rows`.
void scatter_heads(const at::Tensor& heads, const at::Tensor& rows, std::int64_t first, const AttentionShape& s,
                   std::int64_t positions) {
  const std::int64_t width = rows.size(1), element = rows.element_size();
  TORCH_CHECK(heads.is_contiguous(), "scatter_heads: contiguous heads are needed");
  const auto* from = static_cast<const char*>(heads.data_ptr());
  auto* to = static_cast<char*>(rows.data_ptr());
  const auto bytes = static_cast<std::size_t>(s.head_size * element);
  at::parallel_for(0, s.batch * s.heads, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t bh = begin; bh < end; ++bh) {
      const std::int64_t b = bh / s.heads, h = bh % s.heads;
      for (std::int64_t t = 0; t < positions; ++t) {
        std::memcpy(to + ((b * positions + t) * width + first + h * s.head_size) * element,
                    from + (bh * positions + t) * s.head_size * element, bytes);
      }
    }
  });
}

// How many keys query t sees.
std::int64_t visible_keys(const AttentionShape& s, std::int64_t t) {
  return s.mask == AttentionMask::causal ? std::min(s.keys, t + 1 + s.keys - s.queries) : s.keys;
}

// scores [batch * heads, queries, keys] become probabilities.
void softmax_in_place(const at::Tensor& scores, const at::Tensor& bias, const AttentionShape& s) {
  const float* bias_rows = bias.defined() ? bias.data_ptr<float>() : nullptr;
  at::parallel_for(0, s.batch * s.heads, 2, [&](std::int64_t begin, std::int64_t end) {
    FloatRows rows(scores, s.keys);
    for (std::int64_t bh = begin; bh < end; ++bh) {
      for (std::int64_t t = 0; t < s.queries; ++t) {
        float* values = rows.read(bh * s.queries + t);
        const auto visible = visible_keys(s, t);
        const float* added = bias_rows == nullptr ? nullptr : bias_rows + ((bh % s.heads) * s.queries + t) * s.keys;
        row::softmax(values, added, static_cast<std::size_t>(visible));
        std::fill(values + visible, values + s.keys, 0.0F);
        rows.write(bh * s.queries + t);
      }
    }
  });
}

// grad [batch * heads, queries, keys] by the probabilities becomes that by the scores; returns the bias's part, summed
// over the batch in order, if wanted.
at::Tensor softmax_gradient_in_place(const at::Tensor& probabilities, const at::Tensor& grad, bool with_bias,
                                     const AttentionShape& s) {
  auto grad_bias = with_bias ? at::zeros({s.heads, s.queries, s.keys}, grad.options().dtype(at::kFloat)) : at::Tensor();
  at::parallel_for(0, s.heads * s.queries, 16, [&](std::int64_t begin, std::int64_t end) {
    FloatRows p(probabilities, s.keys), g(grad, s.keys);
    const auto width = static_cast<std::size_t>(s.keys);
    for (std::int64_t ht = begin; ht < end; ++ht) {
      for (std::int64_t b = 0; b < s.batch; ++b) {
        const std::int64_t r = b * s.heads * s.queries + ht;
        float* values = g.read(r);
        row::softmax_gradient(p.read(r), values, width);
        if (with_bias) row::add(values, grad_bias.data_ptr<float>() + ht * s.keys, width);
        g.write(r);
      }
    }
  });
  return grad_bias;
}

struct Heads {
  at::Tensor query, key, value;  // [batch * heads, positions, size]
  at::Tensor probabilities;      // [batch * heads, queries, keys]
};

at::Tensor attend(Heads& heads, const at::Tensor& bias, const AttentionShape& s) {
  heads.probabilities = at::bmm(heads.query, heads.key.transpose(1, 2));
  softmax_in_place(heads.probabilities, bias, s);
  auto out = at::empty({s.batch * s.queries, s.heads * s.head_size}, heads.query.options());
  scatter_heads(at::bmm(heads.probabilities, heads.value), out, 0, s, s.queries);
  return out;
}

struct HeadGradients {
  at::Tensor query, key, value, bias;
};

HeadGradients attend_gradient(const variable_list& saved, const at::Tensor& grad_out, bool with_bias,
                              const AttentionShape& s) {
  const auto &query = saved[0], &key = saved[1], &value = saved[2], &probabilities = saved[3];
  const auto grad = gather_heads(grad_out.contiguous(), 0, s, s.queries);
  HeadGradients out;
  out.value = at::bmm(probabilities.transpose(1, 2), grad);
  const auto grad_scores = at::bmm(grad, value.transpose(1, 2)).contiguous();
  out.bias = softmax_gradient_in_place(probabilities, grad_scores, with_bias, s);
  out.query = at::bmm(grad_scores, key);
  out.key = at::bmm(grad_scores.transpose(1, 2), query);
  return out;
}

void keep_shape(AutogradContext* context, const AttentionShape& s) {
  context->saved_data["shape"] =
      std::vector<std::int64_t>{s.batch, s.heads, s.head_size, s.queries, s.keys, static_cast<std::int64_t>(s.mask)};
}

AttentionShape kept_shape(AutogradContext* context) {
  const auto v = context->saved_data["shape"].toIntVector();
  return {v[0], v[1], v[2], v[3], v[4], static_cast<AttentionMask>(v[5])};
}

struct SelfAttentionFunction : torch::autograd::Function<SelfAttentionFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& qkv, const at::Tensor& bias,
                            const AttentionShape& s) {
    const auto in = qkv.contiguous();
    const std::int64_t inner = s.heads * s.head_size;
    Heads heads{gather_heads(in, 0, s, s.queries),
                gather_heads(in, inner, s, s.keys),
                gather_heads(in, 2 * inner, s, s.keys),
                {}};
    auto out = attend(heads, bias.contiguous(), s);
    context->save_for_backward({heads.query, heads.key, heads.value, heads.probabilities});
    keep_shape(context, s);
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const auto s = kept_shape(context);
    const std::int64_t inner = s.heads * s.head_size;
    const auto parts = attend_gradient(context->get_saved_variables(), grads[0], true, s);
    auto grad_qkv = at::empty({s.batch * s.queries, 3 * inner}, grads[0].options());
    scatter_heads(parts.query, grad_qkv, 0, s, s.queries);
    scatter_heads(parts.key, grad_qkv, inner, s, s.keys);
    scatter_heads(parts.value, grad_qkv, 2 * inner, s, s.keys);
    return {grad_qkv, parts.bias, Variable()};
  }
};

struct CrossAttentionFunction : torch::autograd::Function<CrossAttentionFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query, const at::Tensor& key_value,
                            const AttentionShape& s) {
    const auto q = query.contiguous(), kv = key_value.contiguous();
    Heads heads{gather_heads(q, 0, s, s.queries),
                gather_heads(kv, 0, s, s.keys),
                gather_heads(kv, s.heads * s.head_size, s, s.keys),
                {}};
    auto out = attend(heads, at::Tensor(), s);
    context->save_for_backward({heads.query, heads.key, heads.value, heads.probabilities});
    keep_shape(context, s);
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const auto s = kept_shape(context);
    const std::int64_t inner = s.heads * s.head_size;
    const auto parts = attend_gradient(context->get_saved_variables(), grads[0], false, s);
    auto grad_query = at::empty({s.batch * s.queries, inner}, grads[0].options());
    auto grad_key_value = at::empty({s.batch * s.keys, 2 * inner}, grads[0].options());
    scatter_heads(parts.query, grad_query, 0, s, s.queries);
    scatter_heads(parts.key, grad_key_value, 0, s, s.keys);
    scatter_heads(parts.value, grad_key_value, inner, s, s.keys);
    return {grad_query, grad_key_value, Variable()};
  }
};

}  // namespace

at::Tensor self_attention(const at::Tensor& qkv, const at::Tensor& bias, const AttentionShape& shape) {
  if (!qkv.is_cpu()) return plain_ops::self_attention(qkv, bias, shape);
  return SelfAttentionFunction::apply(qkv, bias, shape);
}

at::Tensor cross_attention(const at::Tensor& query, const at::Tensor& key_value, const AttentionShape& shape) {
  if (!query.is_cpu()) return plain_ops::cross_attention(query, key_value, shape);
  return CrossAttentionFunction::apply(query, key_value, shape);
}

}  // namespace pop2piano::training
