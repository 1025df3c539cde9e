// SPDX-License-Identifier: MIT
// The sizes that make a network, and the tensors that follow from them, in the published names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pop2piano::training {

/// T5 encoder-decoder with gated GELU (docs/reference/model.md). All counts > 0 unless said otherwise.
struct NetworkShape {
  std::int64_t vocabulary = 295;
  std::int64_t d_model = 256;
  std::int64_t head_size = 64;
  std::int64_t heads = 4;
  std::int64_t d_ff = 768;
  std::int64_t encoder_layers = 4;
  std::int64_t decoder_layers = 4;
  std::int64_t distance_buckets = 32;
  std::int64_t max_distance = 128;
  double norm_epsilon = 1e-6;
  std::int64_t styles = 7;       ///< rows of the style embedding
  std::int64_t bands = 512;      ///< values per input frame
  std::int64_t positions = 144;  ///< frames of a segment with a learned position; 0: neither position nor projection
  std::string style_name = "style_embedding.weight";

  [[nodiscard]] std::int64_t inner() const { return heads * head_size; }
};

/// One tensor of the weights file.
struct ParameterPart {
  std::string name;
  std::vector<std::int64_t> shape;
  double deviation = 0.0;  ///< of the normal distribution it starts from; 0: starts as ones or, if a bias, zeros
};

/// Tensors that lie one after the other and are used as one, such as query, key and value of a self-attention.
struct ParameterBlock {
  std::vector<ParameterPart> parts;
  std::vector<std::int64_t> shape;  ///< of the whole
  bool matrix = false;              ///< takes part in matrix products: kept in bf16 beside the float master
  std::int64_t offset = 0;          ///< in the flat arrays
  std::int64_t count = 0;           ///< values

  [[nodiscard]] const std::string& name() const { return parts.front().name; }
};

/// All blocks in a fixed order with their offsets (multiples of 64 values).
std::vector<ParameterBlock> layout_of(const NetworkShape& shape);
/// Values of all blocks with the gaps between them.
std::int64_t flat_size(const std::vector<ParameterBlock>& layout);

}  // namespace pop2piano::training
