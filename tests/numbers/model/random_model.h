// SPDX-License-Identifier: MIT
// Model folders with random weights of any size, for tests and benchmarks.
#pragma once

#include <pop2piano/model.h>

#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/core/output_file.h"
#include "base/core/random.h"
#include "numbers/kernels/packed_matrix.h"
#include "numbers/model/config.h"
#include "numbers/weights/safetensors.h"

namespace pop2piano::testing {

/// The published network: 59,108,352 parameters.
inline ModelConfig published_config() {
  ModelConfig c;
  c.features.kind = FeatureKind::mel;
  c.features.segment_beats = 4;
  c.tokens.kind = TokenKind::published;
  c.tokens.steps_per_beat = 2;
  for (int i = 1; i <= 21; ++i) c.styles.push_back("composer" + std::to_string(i));
  c.vocab_size = 2400;
  c.d_model = 512;
  c.d_kv = 64;
  c.num_heads = 8;
  c.d_ff = 2048;
  c.encoder_layers = 6;
  c.decoder_layers = 6;
  return c;
}

/// A few thousand parameters; sizes that are no powers of two.
inline ModelConfig small_config() {
  ModelConfig c = published_config();
  c.styles.resize(3);
  c.vocab_size = 250;
  c.d_model = c.features.n_mels = 48;
  c.d_kv = 16;
  c.num_heads = 3;
  c.d_ff = 80;
  c.encoder_layers = 2;
  c.decoder_layers = 2;
  c.max_tokens = 64;
  return c;
}

/// Names and shapes of every tensor that the configuration asks for.
inline std::map<std::string, Shape> tensor_shapes(const ModelConfig& c) {
  const std::int64_t d = c.d_model, inner = std::int64_t{c.d_kv} * c.num_heads, ff = c.d_ff;
  std::map<std::string, Shape> shapes{{"shared.weight", {c.vocab_size, d}}, {"lm_head.weight", {c.vocab_size, d}}};
  const auto styles = static_cast<std::int64_t>(c.styles.size());
  if (c.features.kind == FeatureKind::mel) {
    shapes["mel_conditioner.embedding.weight"] = {styles, d};
  } else {
    shapes["style_embedding.weight"] = {styles, d};
    shapes["input_projection.weight"] = {d, c.features.inputs()};
    shapes["input_projection.bias"] = {d};
    shapes["frame_position.weight"] = {c.frame_count(), d};
  }
  const auto attention = [&](const std::string& layer, const char* kind) {
    for (const char* part : {"q", "k", "v"}) shapes[layer + kind + part + ".weight"] = {inner, d};
    shapes[layer + kind + "o.weight"] = {d, inner};
    shapes[layer + ".layer_norm.weight"] = {d};
  };
  for (const bool decoder : {false, true}) {
    const std::string stack = decoder ? "decoder" : "encoder";
    for (int i = 0; i < (decoder ? c.decoder_layers : c.encoder_layers); ++i) {
      const std::string block = stack + ".block." + std::to_string(i);
      attention(block + ".layer.0", ".SelfAttention.");
      if (decoder) attention(block + ".layer.1", ".EncDecAttention.");
      const std::string feed = block + (decoder ? ".layer.2" : ".layer.1");
      shapes[feed + ".layer_norm.weight"] = {d};
      shapes[feed + ".DenseReluDense.wi_0.weight"] = {ff, d};
      shapes[feed + ".DenseReluDense.wi_1.weight"] = {ff, d};
      shapes[feed + ".DenseReluDense.wo.weight"] = {d, ff};
    }
    shapes[stack + ".block.0.layer.0.SelfAttention.relative_attention_bias.weight"] = {c.bias_buckets, c.num_heads};
    shapes[stack + ".final_layer_norm.weight"] = {d};
  }
  return shapes;
}

/// Owns the bytes of tensors that are made up.
struct RandomTensors {
  std::map<std::string, Tensor, std::less<>> tensors;
  std::map<std::string, std::vector<std::uint16_t>> halves;
  std::map<std::string, std::vector<float>> floats;
};

/// Normal numbers scaled as T5 initialises, so that activations keep their size; all are exact in bfloat16.
inline RandomTensors random_tensors(const ModelConfig& config, std::uint64_t seed, DataType type) {
  RandomTensors made;
  Random random(seed);
  for (const auto& [name, shape] : tensor_shapes(config)) {
    const std::size_t count = *element_count(shape);
    const bool vector = shape.size() == 1;
    const bool table = name.ends_with("shared.weight") || name.find("embedding") != std::string::npos ||
                       name.find("bias") != std::string::npos;
    double scale = table ? 1.0 : 1.0 / std::sqrt(static_cast<double>(shape.back()));
    if (name.ends_with(".q.weight")) scale /= std::sqrt(static_cast<double>(config.d_kv));  // scores are not divided
    auto& floats = made.floats[name];
    auto& halves = made.halves[name];
    for (std::size_t i = 0; i < count; ++i) {
      const double value = vector ? 1.0 + 0.1 * random.normal() : scale * random.normal();
      halves.push_back(kernels::to_bf16(static_cast<float>(value)));
      floats.push_back(kernels::from_bf16(halves.back()));
    }
    Tensor& tensor = made.tensors[name];
    tensor.type = type;
    tensor.shape = shape;
    tensor.bytes = type == DataType::bf16 ? std::as_bytes(std::span(halves)) : std::as_bytes(std::span(floats));
  }
  return made;
}

inline void write_model(const std::filesystem::path& folder, const ModelConfig& config, const RandomTensors& made) {
  std::filesystem::create_directories(folder);
  write_file(folder / "config.json", write_config(config));
  write_safetensors(folder / "model.safetensors", made.tensors, {});
}

}  // namespace pop2piano::testing
