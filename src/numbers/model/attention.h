// SPDX-License-Identifier: MIT
// Multi-head attention as T5 has it: no scaling of scores, a learnt bias by relative position, softmax in floats. Keys
// and values are kept in the layout of packed matrices, so that scores and contexts are products like all others.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "numbers/kernels/packed_matrix.h"
#include "numbers/model/linear.h"

namespace pop2piano {

/// How keys and values of one head lie in memory: blocks of positions, in each the keys [block / 16][d_kv][16], then
/// the values [d_kv / 16][block][16], bfloat16 in pairs along the depth of each.
struct KeyValueShape {
  kernels::ElementType type = kernels::ElementType::f32;  ///< f32 or bf16
  std::size_t heads = 0;
  std::size_t d_kv = 0;
  std::size_t block = 32;        ///< positions in a block, a multiple of 32
  std::size_t block_stride = 0;  ///< bytes from a block to the next of the same head

  [[nodiscard]] std::size_t key_depth() const { return kernels::round_up(d_kv, kernels::depth_multiple(type)); }
  [[nodiscard]] std::size_t key_bytes() const { return block * key_depth() * kernels::element_bytes(type); }
  /// Of one block of one head, and of all heads, which lie one after the other.
  [[nodiscard]] std::size_t unit_bytes() const { return key_bytes() + block * d_kv * kernels::element_bytes(type); }
  [[nodiscard]] std::size_t block_bytes() const { return heads * unit_bytes(); }
};

/// A borrowed place for keys and values of one sequence in one layer; `memory` is block 0 of head 0. Positions are
/// appended in order; a fresh sequence starts at 0 again.
class KeyValues {
 public:
  KeyValues(const KeyValueShape& shape, std::byte* memory) : shape_(&shape), memory_(memory) {}

  /// `key` and `value` [heads * d_kv] of position `t`.
  void append(const kernels::KernelTable& table, std::size_t t, const float* key, const float* value) const;
  /// Positions 0 to `count` - 1 at once; rows are `stride` floats apart.
  void assign(const kernels::KernelTable& table, std::size_t count, const float* keys, const float* values,
              std::size_t stride) const;

  /// Block 0 of a head.
  [[nodiscard]] std::byte* head(std::size_t h) const { return memory_ + h * shape_->unit_bytes(); }
  [[nodiscard]] std::ptrdiff_t bytes_to(const KeyValues& other) const { return other.memory_ - memory_; }
  /// For a single block: the product of queries with the keys of the first `count` positions, out [m, count rounded up
  /// to 16], and that of probabilities [m, count], 0 up to a multiple of 32, with the values, out [m, d_kv].
  [[nodiscard]] kernels::Product scores(std::size_t h, std::size_t count) const;
  [[nodiscard]] kernels::Product context(std::size_t h, std::size_t count) const;

 private:
  [[nodiscard]] std::byte* unit(std::size_t h, std::size_t t) const;
  template <typename T>
  [[nodiscard]] T* values(std::size_t h, std::size_t t, std::size_t column) const;
  void clear_block(std::size_t t) const;
  /// Element: float, or std::uint32_t for a pair of bfloat16 values. Rows as rounded, [heads * depth of a key].
  template <typename Element>
  void put_keys(std::size_t first, std::size_t count, const Element* const* rows) const;
  void put_values_f32(std::size_t t, const float* row) const;
  void put_values_bf16(std::size_t t, const std::uint16_t* row) const;
  void put_value_pairs(std::size_t t, const std::uint16_t* even, const std::uint16_t* odd) const;

  const KeyValueShape* shape_;
  std::byte* memory_;
};

/// Runs `product` with float rows.
void multiply_floats(const kernels::KernelTable& table, kernels::ElementType type, kernels::Product product,
                     const float* rows, std::size_t stride, std::size_t count, float* out, std::size_t out_stride);

/// One query row over the first `count` positions; `bias` [heads, bias_stride] or null; `scores` is scratch for `count`
/// rounded up to 32. Writes `context` [heads * d_kv]. `next`: what the next call will read, `memory` if nothing.
void attend_one(const kernels::KernelTable& table, const KeyValueShape& shape, const KeyValues& memory,
                const KeyValues& next, const float* query, const float* bias, std::size_t bias_stride,
                std::size_t count, float* scores, float* context);

/// T5's bucket of a relative position (key - query).
[[nodiscard]] int relative_bucket(int relative_position, bool bidirectional, int buckets, int max_distance);

/// [heads, 2 * length - 1]: bias of key k for query q at index k - q + length - 1.
[[nodiscard]] Matrix<float> bidirectional_bias(const Matrix<float>& table, int length, int max_distance);
/// [heads, length]: bias of the key that lies d positions back at index length - 1 - d.
[[nodiscard]] Matrix<float> causal_bias(const Matrix<float>& table, int length, int max_distance);

}  // namespace pop2piano
