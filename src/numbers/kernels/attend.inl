// SPDX-License-Identifier: MIT
// Attention of one query over cached keys and values, one head: scores, softmax, context. Bound by reading the cache,
// so each chain of sums is split in two (even and odd depth) to keep the loads coming. Where there are bfloat16 dot
// products, query and probabilities are rounded to bfloat16 as the cache is; elsewhere they stay floats.
#pragma once

#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/rowwise.inl"
#include "numbers/kernels/vector_math.inl"

#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

namespace pop2piano::kernels {
namespace {

/// Two neighbours in depth, 16 columns each, from panels of floats or of bfloat16.
struct FloatPair {
  using Element = float;
  using Row = float;  // of queries and probabilities
  static inline __attribute__((always_inline)) V even(const float* p, int v) { return load(p + v * kLanes); }
  static inline __attribute__((always_inline)) V odd(const float* p, int v) {
    return load(p + kPanelColumns + v * kLanes);
  }
};
struct Bf16Pair {
  using Element = std::uint16_t;
  using Row = float;
  static inline __attribute__((always_inline)) U both(const std::uint16_t* p, int v) {
    return reinterpret_cast<U>(static_cast<I>(*reinterpret_cast<const IU*>(p + v * kLanes * 2)));
  }
  static inline __attribute__((always_inline)) V even(const std::uint16_t* p, int v) {
    return reinterpret_cast<V>(both(p, v) << 16);
  }
  static inline __attribute__((always_inline)) V odd(const std::uint16_t* p, int v) {
    return reinterpret_cast<V>(both(p, v) & 0xFFFF0000U);
  }
};

/// Bound by memory: what the next sequence reads comes while this one's is multiplied.
inline __attribute__((always_inline)) void fetch(const void* now, std::ptrdiff_t next) {
  __builtin_prefetch(static_cast<const char*>(now) + next, 0, 2);
}

/// even, odd [Panels] += x[depth] * panels; `depth` is even.
template <typename Pair, int Vectors>
inline __attribute__((always_inline)) void add_products(const float* x, std::size_t depth,
                                                        const typename Pair::Element* panels, std::size_t stride,
                                                        std::ptrdiff_t next, V (&even)[Vectors], V (&odd)[Vectors]) {
  for (std::size_t k = 0; k < depth; k += 2) {
#pragma GCC unroll 8
    for (std::size_t v = 0; v < Vectors / kVectorsPerPanel; ++v) fetch(panels + v * stride + k * kPanelColumns, next);
    const V x0 = splat(x[k]);
    const V x1 = splat(x[k + 1]);
#pragma GCC unroll 16
    for (int v = 0; v < Vectors; ++v) {
      const auto* p = panels + static_cast<std::size_t>(v / kVectorsPerPanel) * stride + k * kPanelColumns;
      even[v] += x0 * Pair::even(p, v % kVectorsPerPanel);
      odd[v] += x1 * Pair::odd(p, v % kVectorsPerPanel);
    }
  }
}

#if defined(__AVX512BF16__)
/// Pairs of bfloat16 in both factors. Sums of every other pair are apart as above.
struct Bf16Dots {
  using Element = std::uint16_t;
  using Row = std::uint16_t;
};

inline __attribute__((always_inline)) V dot_pair(V sums, const std::uint16_t* x, const std::uint16_t* panel) {
  std::int32_t pair;
  __builtin_memcpy(&pair, x, 4);
  return reinterpret_cast<V>(_mm512_dpbf16_ps(reinterpret_cast<__m512>(sums),
                                              reinterpret_cast<__m512bh>(_mm512_set1_epi32(pair)),
                                              reinterpret_cast<__m512bh>(_mm512_loadu_si512(panel))));
}

template <typename Pair, int Vectors>
inline __attribute__((always_inline)) void add_products(const std::uint16_t* x, std::size_t depth,
                                                        const std::uint16_t* panels, std::size_t stride,
                                                        std::ptrdiff_t next, V (&even)[Vectors], V (&odd)[Vectors]) {
  std::size_t k = 0;
  for (; k + 4 <= depth; k += 4) {
#pragma GCC unroll 16
    for (std::size_t v = 0; v < Vectors; ++v) {
      const std::uint16_t* p = panels + v * stride + k * kPanelColumns;
      fetch(p, next);
      fetch(p + 2 * kPanelColumns, next);
      even[v] = dot_pair(even[v], x + k, p);
      odd[v] = dot_pair(odd[v], x + k + 2, p + 2 * kPanelColumns);
    }
  }
  if (k == depth) return;
  for (std::size_t v = 0; v < Vectors; ++v) {
    even[v] = dot_pair(even[v], x + k, panels + v * stride + k * kPanelColumns);
  }
}
#endif

/// Scores of 16 * Panels positions.
template <typename Pair, int Panels>
void score_panels(const HeadAttention& a, const typename Pair::Row* query, const typename Pair::Element* keys,
                  float* scores) {
  constexpr int kVectors = Panels * kVectorsPerPanel;
  V even[kVectors] = {};
  V odd[kVectors] = {};
  add_products<Pair, kVectors>(query, a.d_kv, keys, a.key_depth * kPanelColumns, a.next, even, odd);
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) store(scores + v * kLanes, even[v] + odd[v]);
}

/// 16 * Panels columns of the context, over all blocks.
template <typename Pair, int Panels>
void sum_values(const HeadAttention& a, const typename Pair::Row* probabilities, std::size_t first_panel) {
  using Element = typename Pair::Element;
  constexpr int kVectors = Panels * kVectorsPerPanel;
  V even[kVectors] = {};
  V odd[kVectors] = {};
  const std::size_t key_bytes = a.block * a.key_depth * sizeof(Element);
  const std::byte* block = a.cache + key_bytes;
  for (std::size_t t = 0; t < a.count; t += a.block, block += a.block_stride) {
    const std::size_t depth = a.count - t < a.block ? (a.count - t + 1) / 2 * 2 : a.block;
    const auto* values = reinterpret_cast<const Element*>(block) + first_panel * a.block * kPanelColumns;
    add_products<Pair, kVectors>(probabilities + t, depth, values, a.block * kPanelColumns, a.next, even, odd);
  }
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) store(a.out + first_panel * kPanelColumns + v * kLanes, even[v] + odd[v]);
}

/// Panels that are summed at once: two chains each, as many as there are registers for.
constexpr std::size_t kAttendPanels = kLanes == 16 ? 4 : kLanes == 8 ? 2 : 1;

template <typename Pair>
void score_positions(const HeadAttention& a, const typename Pair::Row* query) {
  using Element = typename Pair::Element;
  constexpr int kMany = static_cast<int>(kAttendPanels);
  const std::byte* block = a.cache;
  for (std::size_t t = 0; t < a.count; t += a.block, block += a.block_stride) {
    const std::size_t positions = a.count - t < a.block ? a.count - t : a.block;
    const std::size_t panels = (positions + kPanelColumns - 1) / kPanelColumns;
    const auto* keys = reinterpret_cast<const Element*>(block);
    float* scores = a.scores + t;
    std::size_t i = 0;
    for (; i + kAttendPanels <= panels; i += kAttendPanels) {
      score_panels<Pair, kMany>(a, query, keys + i * a.key_depth * kPanelColumns, scores + i * kPanelColumns);
    }
    for (; i < panels; ++i) {
      score_panels<Pair, 1>(a, query, keys + i * a.key_depth * kPanelColumns, scores + i * kPanelColumns);
    }
  }
}

template <typename Pair>
void weigh_values(const HeadAttention& a, const typename Pair::Row* probabilities) {
  const std::size_t columns = a.d_kv / kPanelColumns;
  std::size_t i = 0;
  for (; i + kAttendPanels <= columns; i += kAttendPanels) {
    sum_values<Pair, static_cast<int>(kAttendPanels)>(a, probabilities, i);
  }
  for (; i < columns; ++i) sum_values<Pair, 1>(a, probabilities, i);
}

template <typename Pair>
void attend(const HeadAttention& a) {
  score_positions<Pair>(a, a.query);
  softmax(a.scores, a.bias, a.count);
  weigh_values<Pair>(a, a.scores);
}

void attend_f32(const HeadAttention& a) { attend<FloatPair>(a); }
#if defined(__AVX512BF16__)
void attend_bf16(const HeadAttention& a) {
  // The result's place holds the rounded query until there is a result; probabilities are rounded where they are.
  auto* query = reinterpret_cast<std::uint16_t*>(a.out);
  round_bf16(a.query, a.d_kv, a.d_kv, query);
  score_positions<Bf16Dots>(a, query);
  softmax(a.scores, a.bias, a.count);
  auto* probabilities = reinterpret_cast<std::uint16_t*>(a.scores);
  const std::size_t padded = (a.count + 15) / 16 * 16;
  round_bf16(a.scores, padded, padded, probabilities);
  weigh_values<Bf16Dots>(a, probabilities);
}
#else
void attend_bf16(const HeadAttention& a) { attend<Bf16Pair>(a); }
#endif

}  // namespace
}  // namespace pop2piano::kernels
