// SPDX-License-Identifier: MIT
#include "learning/train_t5/network.h"

#include <algorithm>
#include <cmath>

#include "learning/train_t5/fused_ops.h"

namespace pop2piano::training {
namespace {

// T5's buckets: the near half of the distances one by one, the far half in equal steps of their logarithm.
std::int64_t distance_bucket(std::int64_t distance, bool bidirectional, std::int64_t buckets, std::int64_t furthest) {
  std::int64_t first = 0;
  std::int64_t n = -distance;
  if (bidirectional) {
    buckets /= 2;
    if (distance > 0) first = buckets;
    n = std::abs(distance);
  } else {
    n = std::max<std::int64_t>(n, 0);
  }
  const std::int64_t exact = buckets / 2;
  if (n < exact) return first + n;
  const auto ratio = std::log(static_cast<float>(n) / static_cast<float>(exact)) /
                     static_cast<float>(std::log(static_cast<double>(furthest) / static_cast<double>(exact)));
  const auto far = exact + static_cast<std::int64_t>(ratio * static_cast<float>(buckets - exact));
  return first + std::min(far, buckets - 1);
}

}  // namespace

Network::Network(const NetworkShape& shape, const Parameters& parameters, double dropout)
    : shape_(shape), parameters_(parameters), dropout_(dropout) {}

at::Tensor Network::dropped(const at::Tensor& x) const {
  return dropout_ > 0.0 && mode_ == Mode::training ? at::dropout(x, dropout_, true) : x;
}

void Network::add_and_norm(Stream& stream, const at::Tensor& update, const std::string& norm_name) const {
  std::tie(stream.hidden, stream.normed) =
      add_rms_norm(stream.hidden, dropped(update), weight(norm_name), shape_.norm_epsilon);
}

at::Tensor Network::distance_bias(const std::string& table, std::int64_t length, bool bidirectional) {
  auto& buckets = buckets_[{length, bidirectional}];
  if (!buckets.defined()) {
    auto on_cpu = at::empty({length * length}, at::kLong);
    auto* values = on_cpu.data_ptr<std::int64_t>();
    for (std::int64_t q = 0; q < length; ++q) {
      for (std::int64_t k = 0; k < length; ++k) {
        values[q * length + k] = distance_bucket(k - q, bidirectional, shape_.distance_buckets, shape_.max_distance);
      }
    }
    buckets = on_cpu.to(parameters_.device());
  }
  return at::embedding(weight(table), buckets).t().contiguous().view({shape_.heads, length, length});
}

at::Tensor Network::self_layer(const at::Tensor& normed, const std::string& layer, const at::Tensor& bias,
                               std::int64_t batch, std::int64_t length, bool causal) const {
  const AttentionShape attention{batch,  shape_.heads, shape_.head_size,
                                 length, length,       causal ? AttentionMask::causal : AttentionMask::none};
  const auto qkv = project(normed, weight(layer + "SelfAttention.q.weight"));
  return project(self_attention(qkv, bias, attention), weight(layer + "SelfAttention.o.weight"));
}

at::Tensor Network::cross_layer(const at::Tensor& normed, const std::string& layer, const Encoded& encoded,
                                std::int64_t length) const {
  const AttentionShape attention{encoded.batch, shape_.heads,      shape_.head_size,
                                 length,        encoded.positions, AttentionMask::none};
  const auto query = project(normed, weight(layer + "EncDecAttention.q.weight"));
  const auto key_value = project(encoded.rows, weight(layer + "EncDecAttention.k.weight"));
  return project(cross_attention(query, key_value, attention), weight(layer + "EncDecAttention.o.weight"));
}

at::Tensor Network::feed_forward(const at::Tensor& normed, const std::string& layer) const {
  const auto gates = project(normed, weight(layer + "DenseReluDense.wi_0.weight"));
  return project(dropped(gated_gelu(gates)), weight(layer + "DenseReluDense.wo.weight"));
}

Encoded Network::encode(const at::Tensor& features, const at::Tensor& styles) {
  const std::int64_t batch = features.size(0), frames = features.size(1), length = frames + 1;
  at::Tensor input;  // [batch, frames, d_model] float
  if (shape_.positions > 0) {
    const auto flat = features.reshape({batch * frames, shape_.bands}).to(parameters_.type());
    input = project(flat, weight("input_projection.weight")).view({batch, frames, shape_.d_model}) +
            (weight("frame_position.weight").narrow(0, 0, frames) + weight("input_projection.bias"));
  } else {
    input = features.to(at::kFloat);
  }
  const auto style = at::embedding(weight(shape_.style_name), styles).unsqueeze(1);
  Stream stream;
  stream.hidden = dropped(at::cat({style, input}, 1).view({batch * length, shape_.d_model}));
  stream.normed = rms_norm(stream.hidden, weight("encoder.block.0.layer.0.layer_norm.weight"), shape_.norm_epsilon,
                           parameters_.type());
  const auto bias = distance_bias("encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", length, true);
  for (std::int64_t b = 0; b < shape_.encoder_layers; ++b) {
    const std::string layer = "encoder.block." + std::to_string(b) + ".layer.";
    const bool last = b + 1 == shape_.encoder_layers;
    add_and_norm(stream, self_layer(stream.normed, layer + "0.", bias, batch, length, false),
                 layer + "1.layer_norm.weight");
    add_and_norm(stream, feed_forward(stream.normed, layer + "1."),
                 last ? "encoder.final_layer_norm.weight"
                      : "encoder.block." + std::to_string(b + 1) + ".layer.0.layer_norm.weight");
  }
  return {dropped(stream.normed), batch, length};
}

at::Tensor Network::decode(const Encoded& encoded, const at::Tensor& inputs) {
  const std::int64_t batch = inputs.size(0), length = inputs.size(1);
  Stream stream;
  stream.hidden = dropped(at::embedding(weight("shared.weight"), inputs.reshape({batch * length})));
  stream.normed = rms_norm(stream.hidden, weight("decoder.block.0.layer.0.layer_norm.weight"), shape_.norm_epsilon,
                           parameters_.type());
  const auto bias =
      distance_bias("decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight", length, false);
  for (std::int64_t b = 0; b < shape_.decoder_layers; ++b) {
    const std::string layer = "decoder.block." + std::to_string(b) + ".layer.";
    const bool last = b + 1 == shape_.decoder_layers;
    add_and_norm(stream, self_layer(stream.normed, layer + "0.", bias, batch, length, true),
                 layer + "1.layer_norm.weight");
    add_and_norm(stream, cross_layer(stream.normed, layer + "1.", encoded, length), layer + "2.layer_norm.weight");
    add_and_norm(stream, feed_forward(stream.normed, layer + "2."),
                 last ? "decoder.final_layer_norm.weight"
                      : "decoder.block." + std::to_string(b + 1) + ".layer.0.layer_norm.weight");
  }
  return project(dropped(stream.normed), weight("lm_head.weight"));
}

}  // namespace pop2piano::training
