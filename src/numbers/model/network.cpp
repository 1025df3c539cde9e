// SPDX-License-Identifier: MIT
#include "numbers/model/network.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <utility>

namespace pop2piano {
namespace {

using kernels::ElementType;
using kernels::PackedMatrix;
using kernels::RowType;

/// Hands out tensors by name, checks their shapes, and remembers which were used.
class Weights {
 public:
  Weights(const TensorSet& set, ElementType type, kernels::WeightArena& arena)
      : set_(&set), type_(type), arena_(&arena) {}

  std::vector<float> floats(const std::string& name, const Shape& expected) {
    const Tensor* tensor = set_->find(name);
    if (tensor == nullptr) {
      throw Error(ErrorCode::malformed, set_->file + ": tensor " + name + " is missing, expected shape " +
                                            to_string(expected) + "; the file does not fit its config.json");
    }
    if (tensor->shape != expected) {
      throw Error(ErrorCode::malformed, set_->file + ": tensor " + name + " has shape " + to_string(tensor->shape) +
                                            ", expected " + to_string(expected) + " as config.json says");
    }
    used_.insert(name);
    if (tensor->type == DataType::i8) used_.insert(name + ".scale");
    std::vector<float> values = weight_values(*set_, name);
    parameters_ += static_cast<std::int64_t>(values.size());
    return values;
  }
  Matrix<float> matrix(const std::string& name, std::int64_t rows, std::int64_t columns) {
    const auto values = floats(name, {rows, columns});
    Matrix<float> matrix(static_cast<std::size_t>(rows), static_cast<std::size_t>(columns));
    std::copy(values.begin(), values.end(), matrix.flat().begin());
    return matrix;
  }
  /// Several [rows_i, columns] one below the other.
  PackedMatrix pack(const std::vector<std::string>& names, std::int64_t rows, std::int64_t columns) {
    std::vector<float> all;
    for (const std::string& name : names) {
      const auto values = floats(name, {rows, columns});
      all.insert(all.end(), values.begin(), values.end());
    }
    const std::size_t n = names.size() * static_cast<std::size_t>(rows);
    return PackedMatrix::pack(all, n, static_cast<std::size_t>(columns), type_, *arena_);
  }
  [[nodiscard]] bool has(const std::string& name) const { return set_->find(name) != nullptr; }
  [[nodiscard]] std::int64_t parameters() const { return parameters_; }
  /// Tensors that checkpoints in the wild hold beside the network. Any other says that file and config.json are of two
  /// networks.
  [[nodiscard]] std::vector<std::string> unused() const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : set_->tensors) {
      if (used_.contains(name)) continue;
      if (!is_known_surplus(name)) {
        throw Error(ErrorCode::malformed, set_->file + ": tensor " + name + " of shape " + to_string(tensor.shape) +
                                              " has no place in the network, expected none of this name as config.json "
                                              "says; the file does not fit its config.json");
      }
      names.push_back(name);
    }
    return names;
  }

 private:
  // Copies of shared.weight, and buffers of the authors' feature extractor.
  static bool is_known_surplus(const std::string& name) {
    return name.ends_with(".embed_tokens.weight") || name.starts_with("spectrogram.");
  }

  const TensorSet* set_;
  ElementType type_;
  kernels::WeightArena* arena_;
  std::set<std::string> used_;
  std::int64_t parameters_ = 0;
};

/// The sizes as shapes want them.
struct Sizes {
  explicit Sizes(const ModelConfig& c)
      : d(c.d_model), inner(std::int64_t{c.d_kv} * c.num_heads), ff(c.d_ff), vocab(c.vocab_size) {}
  std::int64_t d, inner, ff, vocab;
};

FeedForwardWeights feed_forward(Weights& w, const Sizes& s, const std::string& layer) {
  FeedForwardWeights f;
  f.norm = w.floats(layer + ".layer_norm.weight", {s.d});
  f.gate = w.pack({layer + ".DenseReluDense.wi_0.weight"}, s.ff, s.d);
  f.linear = w.pack({layer + ".DenseReluDense.wi_1.weight"}, s.ff, s.d);
  f.out = w.pack({layer + ".DenseReluDense.wo.weight"}, s.d, s.ff);
  return f;
}

EncoderBlock encoder_block(Weights& w, const Sizes& s, const std::string& block) {
  const std::string attention = block + ".layer.0.SelfAttention.";
  EncoderBlock b;
  b.norm = w.floats(block + ".layer.0.layer_norm.weight", {s.d});
  b.qkv = w.pack({attention + "q.weight", attention + "k.weight", attention + "v.weight"}, s.inner, s.d);
  b.out = w.pack({attention + "o.weight"}, s.d, s.inner);
  b.feed_forward = feed_forward(w, s, block + ".layer.1");
  return b;
}

DecoderBlock decoder_block(Weights& w, const Sizes& s, const std::string& block) {
  const std::string attention = block + ".layer.0.SelfAttention.";
  const std::string cross = block + ".layer.1.EncDecAttention.";
  DecoderBlock b;
  b.norm = w.floats(block + ".layer.0.layer_norm.weight", {s.d});
  b.qkv = w.pack({attention + "q.weight", attention + "k.weight", attention + "v.weight"}, s.inner, s.d);
  b.out = w.pack({attention + "o.weight"}, s.d, s.inner);
  b.cross_norm = w.floats(block + ".layer.1.layer_norm.weight", {s.d});
  b.cross_q = w.pack({cross + "q.weight"}, s.inner, s.d);
  b.cross_kv = w.pack({cross + "k.weight", cross + "v.weight"}, s.inner, s.d);
  b.cross_out = w.pack({cross + "o.weight"}, s.d, s.inner);
  b.feed_forward = feed_forward(w, s, block + ".layer.2");
  return b;
}

void read_ends(Weights& w, const Sizes& s, Network& n) {
  const ModelConfig& c = n.config;
  const auto styles = static_cast<std::int64_t>(c.styles.size());
  const bool mel = c.features.kind == FeatureKind::mel;
  n.tokens = w.matrix("shared.weight", s.vocab, s.d);
  n.styles = w.matrix(mel ? "mel_conditioner.embedding.weight" : "style_embedding.weight", styles, s.d);
  if (!mel) {
    n.input_projection = w.pack({"input_projection.weight"}, s.d, c.features.inputs());
    n.input_bias = w.floats("input_projection.bias", {s.d});
    n.frame_positions = w.matrix("frame_position.weight", c.frame_count(), s.d);
  }
  const bool separate_head = !c.tied_embeddings || w.has("lm_head.weight");
  if (separate_head) {
    n.lm_head = w.pack({"lm_head.weight"}, s.vocab, s.d);
  } else {
    n.lm_head = PackedMatrix::pack(n.tokens.flat(), n.vocab(), n.d_model(), n.weights, n.arena);
  }
  if (c.tied_embeddings) n.output_scale = 1.0F / std::sqrt(static_cast<float>(c.d_model));
}

/// Floats, unless the weights were rounded to 8 bits on purpose.
Arithmetic automatic_arithmetic(const TensorSet& tensors) {
  const bool rounded = std::any_of(tensors.tensors.begin(), tensors.tensors.end(),
                                   [](const auto& entry) { return entry.second.type == DataType::i8; });
  return rounded ? Arithmetic::int8 : Arithmetic::f32;
}

std::string describe_type(const TensorSet& tensors) {
  std::set<DataType> types;
  for (const auto& [name, tensor] : tensors.tensors) {
    if (!name.ends_with(".scale")) types.insert(tensor.type);
  }
  if (types.contains(DataType::i8)) return "int8";
  if (types.size() != 1) return "mixed";
  switch (*types.begin()) {
    case DataType::f32:
      return "f32";
    case DataType::bf16:
      return "bf16";
    case DataType::f16:
      return "f16";
    default:
      return std::string(to_string(*types.begin()));
  }
}

}  // namespace

std::vector<float> weight_values(const TensorSet& tensors, const std::string& name) {
  const Tensor& tensor = *tensors.find(name);
  std::vector<float> values = to_floats(tensor, name, tensors.file);
  if (tensor.type != DataType::i8) return values;
  const Tensor* scale = tensors.find(name + ".scale");
  if (tensor.shape.empty() || scale == nullptr || scale->type != DataType::f32 ||
      scale->shape != Shape{tensor.shape.front()}) {
    throw Error(ErrorCode::malformed, tensors.file + ": tensor " + name + " is 8-bit, expected " + name +
                                          ".scale of type F32 with one number for each row");
  }
  const auto scales = to_floats(*scale, name + ".scale", tensors.file);
  const std::size_t columns = scales.empty() ? 1 : values.size() / scales.size();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] *= scales[i / columns];
  return values;
}

void choose_formats(Network& network, const TensorSet& tensors, Arithmetic arithmetic) {
  const bool all_bf16 = std::all_of(tensors.tensors.begin(), tensors.tensors.end(),
                                    [](const auto& entry) { return entry.second.type == DataType::bf16; });
  if (arithmetic == Arithmetic::automatic) arithmetic = automatic_arithmetic(tensors);
  switch (arithmetic) {
    case Arithmetic::automatic:
    case Arithmetic::f32:
      // Widening bfloat16 is exact, so weights that come as such stay half as large.
      network.weights = all_bf16 ? ElementType::bf16 : ElementType::f32;
      if (all_bf16 && network.kernels->multiply_split != nullptr) network.rows = RowType::split;
      break;
    case Arithmetic::bf16:
      network.weights = ElementType::bf16;
      network.cache = ElementType::bf16;
      if (network.kernels->multiply_bf16 != nullptr) network.rows = RowType::bf16;
      break;
    case Arithmetic::int8:
      network.weights = ElementType::int8;
      network.rows = RowType::int8;
      network.cache = ElementType::bf16;
      break;
  }
}

Network build_network(const ModelConfig& config, const TensorSet& tensors, Arithmetic arithmetic,
                      ModelDescription& description) {
  Network n;
  n.config = config;
  n.kernels = &kernels::kernel_table();
  choose_formats(n, tensors, arithmetic);
  Weights w(tensors, n.weights, n.arena);
  const Sizes s(config);
  read_ends(w, s, n);
  for (int i = 0; i < config.encoder_layers; ++i) {
    n.encoder.push_back(encoder_block(w, s, "encoder.block." + std::to_string(i)));
  }
  for (int i = 0; i < config.decoder_layers; ++i) {
    n.decoder.push_back(decoder_block(w, s, "decoder.block." + std::to_string(i)));
  }
  const std::string bias = ".block.0.layer.0.SelfAttention.relative_attention_bias.weight";
  n.encoder_bias = w.matrix("encoder" + bias, config.bias_buckets, config.num_heads);
  n.decoder_bias = w.matrix("decoder" + bias, config.bias_buckets, config.num_heads);
  n.encoder_norm = w.floats("encoder.final_layer_norm.weight", {s.d});
  n.decoder_norm = w.floats("decoder.final_layer_norm.weight", {s.d});

  description.parameters = w.parameters();
  description.ignored_tensors = w.unused();
  description.container = tensors.container;
  description.weight_type = describe_type(tensors);
  description.arithmetic = arithmetic == Arithmetic::automatic ? automatic_arithmetic(tensors) : arithmetic;
  description.isa = n.kernels->name;
  return n;
}

}  // namespace pop2piano
