// SPDX-License-Identifier: MIT
// The T5 encoder over segments of features, and the keys and values that the decoder's cross attention takes from it.
#pragma once

#include <cstddef>
#include <span>

#include "base/core/matrix.h"
#include "numbers/model/attention.h"
#include "numbers/model/feed_forward.h"
#include "numbers/model/linear.h"
#include "numbers/model/network.h"

namespace pop2piano {

/// Everything that depends on the number of frames. Immutable; shared between threads.
struct EncoderPlan {
  EncoderPlan(const Network& network, std::size_t feature_frames);

  std::size_t feature_frames = 0;  ///< rows of features in a segment
  std::size_t frames = 0;          ///< with the style's row in front
  Matrix<float> bias;              ///< [heads, 2 * frames - 1]
  KeyValueShape memory_shape;      ///< keys and values of a segment in a layer, of encoder and decoder: one block
};

/// Encodes groups of segments; one object per thread. A segment's result does not depend on its group.
class Encoder {
 public:
  Encoder(const Network& network, const EncoderPlan& plan);

  /// `features` [segments * feature_frames, inputs] -> output() [segments * frames, d_model], valid until the next
  /// call.
  void encode(std::span<const float> features, std::size_t segments, int style);
  [[nodiscard]] Span2D<const float> output(std::size_t segment) const;
  /// Keys and values of one segment for all layers of the decoder, one after the other, memory_shape.block_bytes()
  /// each.
  void project_cross(std::size_t segment, std::byte* out);

 private:
  void embed(std::span<const float> features, int style);
  void self_attention(const EncoderBlock& block);
  void attend(std::size_t segment);
  void attend_rows(const KeyValues& memory, std::size_t head, float* first_query, float* out);

  const Network& network_;
  const EncoderPlan& plan_;
  std::size_t segments_ = 0, rows_ = 0;
  RowBuffer x_;        // [rows, d_model] the residual stream, at the end the output
  RowBuffer normed_;   // [rows, d_model]
  RowBuffer qkv_;      // [rows, 3 * inner]
  RowBuffer context_;  // [rows, inner]
  RowBuffer scores_;   // [frames, frames]
  RowBuffer cross_;    // [frames, 2 * inner]
  Operand operand_, queries_, probabilities_;
  FeedForward feed_forward_;
  kernels::AlignedBytes memory_;
};

}  // namespace pop2piano
