// SPDX-License-Identifier: MIT
#include "learning/train_t5/network_shape.h"

#include <cmath>
#include <utility>

namespace pop2piano::training {
namespace {

double fan_in(std::int64_t width) { return 1.0 / std::sqrt(static_cast<double>(width)); }

class LayoutBuilder {
 public:
  explicit LayoutBuilder(const NetworkShape& shape) : s_(shape) {}

  std::vector<ParameterBlock> build() {
    if (s_.positions > 0) {
      matrix({{"input_projection.weight", {s_.d_model, s_.bands}, fan_in(s_.bands)}});
      small("input_projection.bias", {s_.d_model}, 0.0);
      small("frame_position.weight", {s_.positions, s_.d_model}, 0.1);
    }
    small(s_.style_name, {s_.styles, s_.d_model}, 1.0);
    small("shared.weight", {s_.vocabulary, s_.d_model}, 1.0);
    for (std::int64_t b = 0; b < s_.encoder_layers; ++b) encoder_block(b);
    small("encoder.final_layer_norm.weight", {s_.d_model}, 0.0);
    for (std::int64_t b = 0; b < s_.decoder_layers; ++b) decoder_block(b);
    small("decoder.final_layer_norm.weight", {s_.d_model}, 0.0);
    matrix({{"lm_head.weight", {s_.vocabulary, s_.d_model}, fan_in(s_.d_model)}});
    return std::move(blocks_);
  }

 private:
  void encoder_block(std::int64_t b) {
    const std::string block = "encoder.block." + std::to_string(b) + ".layer.";
    self_attention(block + "0.", b == 0);
    feed_forward(block + "1.");
  }

  void decoder_block(std::int64_t b) {
    const std::string block = "decoder.block." + std::to_string(b) + ".layer.";
    self_attention(block + "0.", b == 0);
    const std::string cross = block + "1.EncDecAttention.";
    small(block + "1.layer_norm.weight", {s_.d_model}, 0.0);
    matrix({{cross + "q.weight", {s_.inner(), s_.d_model}, query_deviation()}});
    matrix({{cross + "k.weight", {s_.inner(), s_.d_model}, fan_in(s_.d_model)},
            {cross + "v.weight", {s_.inner(), s_.d_model}, fan_in(s_.d_model)}});
    matrix({{cross + "o.weight", {s_.d_model, s_.inner()}, fan_in(s_.inner())}});
    feed_forward(block + "2.");
  }

  void self_attention(const std::string& layer, bool with_bias) {
    const std::string attention = layer + "SelfAttention.";
    small(layer + "layer_norm.weight", {s_.d_model}, 0.0);
    matrix({{attention + "q.weight", {s_.inner(), s_.d_model}, query_deviation()},
            {attention + "k.weight", {s_.inner(), s_.d_model}, fan_in(s_.d_model)},
            {attention + "v.weight", {s_.inner(), s_.d_model}, fan_in(s_.d_model)}});
    matrix({{attention + "o.weight", {s_.d_model, s_.inner()}, fan_in(s_.inner())}});
    if (with_bias) {
      small(attention + "relative_attention_bias.weight", {s_.distance_buckets, s_.heads}, fan_in(s_.d_model));
    }
  }

  void feed_forward(const std::string& layer) {
    const std::string dense = layer + "DenseReluDense.";
    small(layer + "layer_norm.weight", {s_.d_model}, 0.0);
    matrix({{dense + "wi_0.weight", {s_.d_ff, s_.d_model}, fan_in(s_.d_model)},
            {dense + "wi_1.weight", {s_.d_ff, s_.d_model}, fan_in(s_.d_model)}});
    matrix({{dense + "wo.weight", {s_.d_model, s_.d_ff}, fan_in(s_.d_ff)}});
  }

  // T5's: the scores are not scaled by the size of a head, so the queries start smaller.
  [[nodiscard]] double query_deviation() const { return fan_in(s_.d_model) * fan_in(s_.head_size); }

  void small(const std::string& name, std::vector<std::int64_t> shape, double deviation) {
    push({{{name, shape, deviation}}, shape, false});
  }
  void matrix(std::vector<ParameterPart> parts) {
    std::vector<std::int64_t> whole{0, parts.front().shape[1]};
    for (const auto& part : parts) whole[0] += part.shape[0];
    push({std::move(parts), std::move(whole), true});
  }
  void push(ParameterBlock block) {
    block.count = 1;
    for (const auto size : block.shape) block.count *= size;
    block.offset = flat_size(blocks_);
    blocks_.push_back(std::move(block));
  }

  const NetworkShape& s_;
  std::vector<ParameterBlock> blocks_;
};

}  // namespace

std::vector<ParameterBlock> layout_of(const NetworkShape& shape) { return LayoutBuilder(shape).build(); }

std::int64_t flat_size(const std::vector<ParameterBlock>& layout) {
  constexpr std::int64_t kAlignment = 64;  // values: every block starts on a cache line, in bf16 too
  if (layout.empty()) return 0;
  const std::int64_t end = layout.back().offset + layout.back().count;
  return (end + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace pop2piano::training
