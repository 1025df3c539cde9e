// SPDX-License-Identifier: MIT
// The inner loops of the network as one table of functions per instruction set. Every function gives each row of its
// result the same bits whatever other rows are computed with it, so that a batch equals its singles.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace pop2piano::kernels {

/// Columns of a packed panel; see packed_matrix.h.
inline constexpr std::size_t kPanelColumns = 16;
/// Rows that the tile kernels read at once: the rows of a product's left side must be readable up to a multiple of it.
inline constexpr std::size_t kRowBlock = 16;

/// bfloat16 parts that a float is split into: 8 bits each, together its 24.
inline constexpr int kSplitParts = 3;

[[nodiscard]] constexpr std::size_t round_up(std::size_t value, std::size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// C[m][n] = sum over k of A[m][k] * B[n][k], B packed. Columns of C are written up to a multiple of kPanelColumns.
struct Product {
  const void* a = nullptr;        ///< [m, k] row-major, zeros up to the padded k
  std::size_t a_stride = 0;       ///< elements from row to row
  std::size_t a_part_stride = 0;  ///< elements from one part of the rows to the next (multiply_split)
  const void* b = nullptr;        ///< [panels][k padded][16]
  std::size_t b_stride = 0;       ///< elements from panel to panel
  float* c = nullptr;             ///< [m, panels * 16]
  std::size_t c_stride = 0;       ///< elements from row to row
  std::size_t m = 0;
  std::size_t panels = 0;
  std::size_t k = 0;                     ///< padded as the type of B asks
  bool accumulate = false;               ///< add to what C holds
  const float* a_scales = nullptr;       ///< [m] int8 only: A[m][k] stands for a * scale
  const float* b_scales = nullptr;       ///< [panels * 16] int8 only
  const std::int32_t* b_sums = nullptr;  ///< [panels * 16] int8 only: sums of the columns' integers
};

/// Attention of one query in one head over cached keys and values, which lie in blocks of positions:
/// keys [block / 16][key_depth][16], then values [d_kv / 16][block][16]; bfloat16 in pairs of depth and of positions.
struct HeadAttention {
  const float* query = nullptr;      ///< [d_kv]
  const std::byte* cache = nullptr;  ///< the first block; values behind `count` are 0 up to an even position
  std::size_t block = 0;             ///< positions in a block, a multiple of 32
  std::size_t block_stride = 0;      ///< bytes from one block to the next
  std::size_t key_depth = 0;         ///< d_kv as padded in the cache
  std::size_t d_kv = 0;              ///< a multiple of 16
  std::size_t count = 0;             ///< positions that are looked at
  const float* bias = nullptr;       ///< [count] or null
  float* scores = nullptr;           ///< scratch for `count` rounded up to 32, changed
  float* out = nullptr;              ///< [d_kv]
  std::ptrdiff_t next = 0;           ///< bytes from `cache` to what the same head reads next, fetched meanwhile; or 0
};

enum class Isa : std::uint8_t { generic, avx2, avx512, avx512_bf16, amx };

struct KernelTable {
  Isa isa = Isa::generic;
  const char* name = "";

  void (*multiply_f32)(const Product&) = nullptr;       ///< float rows, float panels
  void (*multiply_f32_bf16)(const Product&) = nullptr;  ///< float rows, bfloat16 panels widened exactly
  void (*multiply_bf16)(const Product&) = nullptr;      ///< bfloat16 both; null where floats are the faster
  void (*multiply_split)(const Product&) = nullptr;     ///< floats as kSplitParts bfloat16 rows; null likewise
  void (*multiply_int8)(const Product&) = nullptr;      ///< signed 8 bits both, exact sums

  void (*attend_f32)(const HeadAttention&) = nullptr;  ///< keys and values are floats
  /// bfloat16; where multiply_bf16 is there, query and probabilities are rounded to it too
  void (*attend_bf16)(const HeadAttention&) = nullptr;

  /// out[i] = x[i] / sqrt(mean of squares + epsilon) * weight[i]
  void (*rms_norm)(const float* x, const float* weight, float epsilon, std::size_t n, float* out) = nullptr;
  /// scores[i] = softmax(scores + bias)[i]; zeros behind, up to a multiple of 32. `bias` may be null.
  void (*softmax)(float* scores, const float* bias, std::size_t n) = nullptr;
  /// out[i] = gelu(gate[i]) * linear[i] with the tanh approximation; n is a multiple of 16
  void (*gated_gelu)(const float* gate, const float* linear, std::size_t n, float* out) = nullptr;
  /// Rounds to the nearest bfloat16, ties to even; zeros up to `padded`.
  void (*round_bf16)(const float* x, std::size_t n, std::size_t padded, std::uint16_t* out) = nullptr;
  /// Splits x into kSplitParts bfloat16 numbers whose sum it is, but for the last bit; zeros up to `padded`.
  void (*round_split)(const float* x, std::size_t n, std::size_t padded, std::size_t part_stride,
                      std::uint16_t* out) = nullptr;
  /// Rounds x / scale to 8 bits, zeros up to `padded`; returns the scale: the largest magnitude / 127.
  float (*round_int8)(const float* x, std::size_t n, std::size_t padded, std::int8_t* out) = nullptr;
  /// log(sum(exp(x)))
  float (*log_sum_exp)(const float* x, std::size_t n) = nullptr;
};

/// The best table for this machine, or the one that the environment variable POP2PIANO_ISA names (generic, avx2,
/// avx512, avx512_bf16, amx). Throws Error(invalid_argument) when that is unknown or the machine lacks it.
[[nodiscard]] const KernelTable& kernel_table();
/// All that this machine runs, the plain one first.
[[nodiscard]] std::span<const KernelTable* const> available_kernel_tables();

}  // namespace pop2piano::kernels
