// SPDX-License-Identifier: MIT
// The T5 encoder-decoder's weights, checked against the configuration and packed for the kernels. Immutable.
#pragma once

#include <pop2piano/model.h>

#include <span>
#include <string>
#include <vector>

#include "base/core/matrix.h"
#include "numbers/kernels/packed_matrix.h"
#include "numbers/kernels/weight_arena.h"
#include "numbers/weights/tensor.h"

namespace pop2piano {

struct FeedForwardWeights {
  std::vector<float> norm;       // [d_model]
  kernels::PackedMatrix gate;    // wi_0 [d_ff, d_model]
  kernels::PackedMatrix linear;  // wi_1 [d_ff, d_model]
  kernels::PackedMatrix out;     // wo [d_model, d_ff]
};

struct EncoderBlock {
  std::vector<float> norm;    // [d_model]
  kernels::PackedMatrix qkv;  // [3 * inner, d_model]
  kernels::PackedMatrix out;  // [d_model, inner]
  FeedForwardWeights feed_forward;
};

struct DecoderBlock {
  std::vector<float> norm;          // [d_model]
  kernels::PackedMatrix qkv;        // [3 * inner, d_model]
  kernels::PackedMatrix out;        // [d_model, inner]
  std::vector<float> cross_norm;    // [d_model]
  kernels::PackedMatrix cross_q;    // [inner, d_model]
  kernels::PackedMatrix cross_kv;   // [2 * inner, d_model]
  kernels::PackedMatrix cross_out;  // [d_model, inner]
  FeedForwardWeights feed_forward;
};

struct Network {
  ModelConfig config;
  const kernels::KernelTable* kernels = nullptr;
  kernels::ElementType weights = kernels::ElementType::f32;  ///< of the packed matrices
  kernels::RowType rows = kernels::RowType::f32;             ///< what rows are rounded to before products with weights
  kernels::ElementType cache = kernels::ElementType::f32;    ///< keys and values

  kernels::WeightArena arena;              ///< of the packed matrices
  Matrix<float> tokens;                    // [vocab, d_model]
  Matrix<float> styles;                    // [styles, d_model]
  Matrix<float> frame_positions;           // [frames, d_model], empty: none
  kernels::PackedMatrix input_projection;  // [d_model, n_mels], no columns: none
  std::vector<float> input_bias;           // [d_model], empty: none
  Matrix<float> encoder_bias;              // [buckets, heads]
  Matrix<float> decoder_bias;              // [buckets, heads]
  std::vector<EncoderBlock> encoder;
  std::vector<DecoderBlock> decoder;
  std::vector<float> encoder_norm;  // [d_model]
  std::vector<float> decoder_norm;  // [d_model]
  kernels::PackedMatrix lm_head;    // [vocab, d_model]
  float output_scale = 1.0F;        ///< of the decoder's output before lm_head: d_model^-0.5 when tied

  [[nodiscard]] std::size_t d_model() const { return static_cast<std::size_t>(config.d_model); }
  [[nodiscard]] std::size_t d_kv() const { return static_cast<std::size_t>(config.d_kv); }
  [[nodiscard]] std::size_t heads() const { return static_cast<std::size_t>(config.num_heads); }
  [[nodiscard]] std::size_t inner() const { return d_kv() * heads(); }
  [[nodiscard]] std::size_t d_ff() const { return static_cast<std::size_t>(config.d_ff); }
  [[nodiscard]] std::size_t vocab() const { return static_cast<std::size_t>(config.vocab_size); }
  [[nodiscard]] std::size_t inputs() const { return static_cast<std::size_t>(config.features.inputs()); }
};

/// Number formats for a kind of arithmetic: how weights, rows, keys and values are held.
void choose_formats(Network& network, const TensorSet& tensors, Arithmetic arithmetic);

/// A weight as floats, 8-bit ones multiplied by their scales ("NAME.scale" [rows]).
[[nodiscard]] std::vector<float> weight_values(const TensorSet& tensors, const std::string& name);

/// Takes what the configuration asks for out of `tensors`; adds what is left over to `ignored` and counts parameters.
/// Throws Error(malformed): a tensor is missing or has another shape or values that are not finite.
[[nodiscard]] Network build_network(const ModelConfig& config, const TensorSet& tensors, Arithmetic arithmetic,
                                    ModelDescription& description);

/// What Model holds.
struct Model::Parts {
  Network network;
  ModelDescription description;
};

}  // namespace pop2piano
