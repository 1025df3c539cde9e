// SPDX-License-Identifier: MIT
// Attention of one query over cached keys and values, one head: scores, softmax, context. Bound by reading the cache,
// so each chain of sums is split in two (even and odd depth) to keep the loads coming.
#pragma once

#include "kernels/kernel_table.h"
#include "kernels/rowwise.inl"
#include "kernels/vector_math.inl"

namespace pop2piano::kernels {
namespace {

/// Two neighbours in depth, 16 columns each, from panels of floats or of bfloat16.
struct FloatPair {
  using Element = float;
  static inline __attribute__((always_inline)) V even(const float* p, int v) { return load(p + v * kLanes); }
  static inline __attribute__((always_inline)) V odd(const float* p, int v) {
    return load(p + kPanelColumns + v * kLanes);
  }
};
struct Bf16Pair {
  using Element = std::uint16_t;
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

/// out[16 * Panels] = sum over depth of x[depth] * panels; `depth` is even.
template <typename Pair, int Panels>
inline __attribute__((always_inline)) void multiply_vector(const float* x, std::size_t depth,
                                                           const typename Pair::Element* panels, std::size_t stride,
                                                           float* out) {
  constexpr int kVectors = Panels * kVectorsPerPanel;
  V even[kVectors] = {};
  V odd[kVectors] = {};
  for (std::size_t k = 0; k < depth; k += 2) {
    const V x0 = splat(x[k]);
    const V x1 = splat(x[k + 1]);
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const auto* p = panels + static_cast<std::size_t>(v / kVectorsPerPanel) * stride + k * kPanelColumns;
      even[v] += x0 * Pair::even(p, v % kVectorsPerPanel);
      odd[v] += x1 * Pair::odd(p, v % kVectorsPerPanel);
    }
  }
#pragma GCC unroll 16
  for (int v = 0; v < kVectors; ++v) store(out + v * kLanes, even[v] + odd[v]);
}

template <typename Pair>
void multiply_vector_all(const float* x, std::size_t depth, const typename Pair::Element* panels, std::size_t stride,
                         std::size_t count, float* out) {
  constexpr std::size_t kMost = kVectorsPerPanel == 4 ? 1 : 4;
  for (; count >= kMost; count -= kMost, panels += kMost * stride, out += kMost * kPanelColumns) {
    multiply_vector<Pair, static_cast<int>(kMost)>(x, depth, panels, stride, out);
  }
  if constexpr (kMost > 1) {
    if (count == 1) multiply_vector<Pair, 1>(x, depth, panels, stride, out);
    if (count == 2) multiply_vector<Pair, 2>(x, depth, panels, stride, out);
    if (count == 3) multiply_vector<Pair, 3>(x, depth, panels, stride, out);
  }
}

template <typename Pair>
void attend(const HeadAttention& a) {
  using Element = typename Pair::Element;
  const std::size_t panels = (a.count + kPanelColumns - 1) / kPanelColumns;
  multiply_vector_all<Pair>(a.query, a.d_kv, static_cast<const Element*>(a.keys), a.key_depth * kPanelColumns, panels,
                            a.scores);
  softmax(a.scores, a.bias, a.count);
  multiply_vector_all<Pair>(a.scores, (a.count + 1) / 2 * 2, static_cast<const Element*>(a.values), a.value_stride,
                            a.d_kv / kPanelColumns, a.out);
}

void attend_f32(const HeadAttention& a) { attend<FloatPair>(a); }
void attend_bf16(const HeadAttention& a) { attend<Bf16Pair>(a); }

}  // namespace
}  // namespace pop2piano::kernels
