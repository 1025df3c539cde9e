// SPDX-License-Identifier: MIT
// The T5 decoder, one token of many sequences at a time, over cached keys and values.
#pragma once

#include <cstddef>
#include <span>

#include "base/core/matrix.h"
#include "numbers/model/attention.h"
#include "numbers/model/encoder.h"
#include "numbers/model/feed_forward.h"
#include "numbers/model/linear.h"
#include "numbers/model/network.h"

namespace pop2piano {

/// Everything that depends on the lengths. Immutable; shared between threads.
struct DecoderPlan {
  DecoderPlan(const Network& network, const EncoderPlan& encoder, std::size_t max_tokens);

  std::size_t max_tokens = 0;  ///< positions of a sequence
  std::size_t frames = 0;      ///< of the encoder's output
  std::size_t layers = 0;
  Matrix<float> bias;         ///< [heads, max_tokens], the last column is distance 0
  KeyValueShape self_shape;   ///< of a sequence; a block of all layers, then the next block: it grows as time passes
  KeyValueShape cross_shape;  ///< of a segment; layer after layer

  [[nodiscard]] std::size_t self_bytes() const;   ///< of a sequence
  [[nodiscard]] std::size_t cross_bytes() const;  ///< of a segment
  [[nodiscard]] KeyValues self(std::byte* sequence, std::size_t layer) const {
    return {self_shape, sequence + layer * self_shape.block_bytes()};
  }
  [[nodiscard]] KeyValues cross(std::byte* segment, std::size_t layer) const {
    return {cross_shape, segment + layer * cross_shape.block_bytes()};
  }
};

/// One sequence's next step.
struct DecoderRow {
  int token = 0;               ///< the last token
  std::size_t position = 0;    ///< its position, 0 for the start
  std::byte* self = nullptr;   ///< its own keys and values, DecoderPlan::self_bytes()
  std::byte* cross = nullptr;  ///< those of its segment, DecoderPlan::cross_bytes()
};

/// One object per thread. No memory is allocated in a step that is no larger than one before.
class Decoder {
 public:
  Decoder(const Network& network, const DecoderPlan& plan);

  /// Takes one step for all rows and writes their keys and values. A row's logits do not depend on the other rows.
  void step(std::span<const DecoderRow> rows);
  /// [vocab] of a row of the last step; the memory behind may be written up to a multiple of 32.
  [[nodiscard]] std::span<float> logits(std::size_t row);

 private:
  void self_attention(const DecoderBlock& block, std::span<const DecoderRow> rows, std::size_t layer);
  void cross_attention(const DecoderBlock& block, std::span<const DecoderRow> rows, std::size_t layer);

  const Network& network_;
  const DecoderPlan& plan_;
  RowBuffer x_;        // [rows, d_model]
  RowBuffer normed_;   // [rows, d_model]
  RowBuffer qkv_;      // [rows, 3 * inner]
  RowBuffer context_;  // [rows, inner]
  RowBuffer scores_;   // [1, the longer of max_tokens and frames]
  RowBuffer logits_;   // [rows, vocab]
  Operand operand_;
  FeedForward feed_forward_;
};

}  // namespace pop2piano
