// SPDX-License-Identifier: MIT
// Products of rows with packed panels in vector extensions. A tile of Rows x Panels sums is kept in registers; each sum
// runs over k in order, whatever the tile's shape, so that results do not depend on it.
#pragma once

#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/vector_math.inl"

namespace pop2piano::kernels {
namespace {

/// The registers that sums may take decide the shapes of tiles: 24 of 32 vectors, or 12 of 16.
#if defined(__AVX512F__)
constexpr int kTallRows = 12;  // x 2 panels
constexpr int kTallPanels = 2;
constexpr int kWidePanels = 8;  // x 1 row
#elif defined(__AVX2__)
constexpr int kTallRows = 6;
constexpr int kTallPanels = 1;
constexpr int kWidePanels = 4;
#else
constexpr int kTallRows = 2;
constexpr int kTallPanels = 1;
constexpr int kWidePanels = 2;
#endif

template <int Rows, int Panels>
inline __attribute__((always_inline)) void store_tile(const V (&sums)[Rows][Panels * kVectorsPerPanel], float* c,
                                                      std::size_t stride, bool accumulate) {
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    float* row = c + static_cast<std::size_t>(r) * stride;
#pragma GCC unroll 32
    for (int v = 0; v < Panels * kVectorsPerPanel; ++v) {
      float* place = row + v * kLanes;
      store(place, accumulate ? load(place) + sums[r][v] : sums[r][v]);
    }
  }
}

/// float rows x float panels.
struct FloatPanels {
  using Element = float;
  static constexpr std::size_t kStep = 1;

  template <int Rows, int Panels>
  static inline __attribute__((always_inline)) void step(const float* a, std::size_t a_stride, const float* b,
                                                         std::size_t b_stride,
                                                         V (&sums)[Rows][Panels * kVectorsPerPanel]) {
    V w[Panels * kVectorsPerPanel];
#pragma GCC unroll 32
    for (int v = 0; v < Panels * kVectorsPerPanel; ++v) {
      w[v] = load(b + static_cast<std::size_t>(v / kVectorsPerPanel) * b_stride + (v % kVectorsPerPanel) * kLanes);
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const V x = splat(a[static_cast<std::size_t>(r) * a_stride]);
#pragma GCC unroll 32
      for (int v = 0; v < Panels * kVectorsPerPanel; ++v) sums[r][v] += x * w[v];
    }
  }
};

/// float rows x bfloat16 panels: [k / 2][16][2], so that a 32-bit lane holds two neighbours in k.
struct WidenedPanels {
  using Element = std::uint16_t;
  static constexpr std::size_t kStep = 2;

  template <int Rows, int Panels>
  static inline __attribute__((always_inline)) void step(const float* a, std::size_t a_stride, const std::uint16_t* b,
                                                         std::size_t b_stride,
                                                         V (&sums)[Rows][Panels * kVectorsPerPanel]) {
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      V w[Panels * kVectorsPerPanel];
#pragma GCC unroll 32
      for (int v = 0; v < Panels * kVectorsPerPanel; ++v) {
        const std::uint16_t* place =
            b + static_cast<std::size_t>(v / kVectorsPerPanel) * b_stride + (v % kVectorsPerPanel) * kLanes * 2;
        const U pair = reinterpret_cast<U>(static_cast<I>(*reinterpret_cast<const IU*>(place)));
        w[v] = reinterpret_cast<V>(half == 0 ? pair << 16 : pair & 0xFFFF0000U);
      }
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
        const V x = splat(a[static_cast<std::size_t>(r) * a_stride + static_cast<std::size_t>(half)]);
#pragma GCC unroll 32
        for (int v = 0; v < Panels * kVectorsPerPanel; ++v) sums[r][v] += x * w[v];
      }
    }
  }
};

template <typename Weights, int Rows, int Panels>
void multiply_tile(const Product& p, std::size_t row, std::size_t panel, RowPass pass) {
  const float* a = static_cast<const float*>(p.a) + row * p.a_stride;
  const auto* b = static_cast<const typename Weights::Element*>(p.b) + panel * p.b_stride;
  V sums[Rows][Panels * kVectorsPerPanel] = {};
  NextPanels next(b + Panels * p.b_stride, p.b_stride * sizeof(*b), pass.index, pass.count);
  for (std::size_t k = 0; k < p.k; k += Weights::kStep) {
    next.fetch<Panels>();
    Weights::template step<Rows, Panels>(a + k, p.a_stride, b + k * kPanelColumns, p.b_stride, sums);
  }
  store_tile<Rows, Panels>(sums, p.c + row * p.c_stride + panel * kPanelColumns, p.c_stride, p.accumulate);
}

/// Calls the tile of exactly `rows` rows.
template <typename Weights, int Panels, int Rows>
inline void multiply_rows(const Product& p, std::size_t row, std::size_t rows, std::size_t panel, RowPass pass) {
  if (rows == static_cast<std::size_t>(Rows)) {
    multiply_tile<Weights, Rows, Panels>(p, row, panel, pass);
  } else if constexpr (Rows > 1) {
    multiply_rows<Weights, Panels, Rows - 1>(p, row, rows, panel, pass);
  }
}

/// One row: many panels at once, since a single sum waits for itself.
template <typename Weights>
void multiply_row(const Product& p, std::size_t row, std::size_t panel) {
  constexpr RowPass kOnly{0, 1};
  for (; panel + kWidePanels <= p.panels; panel += kWidePanels) {
    multiply_tile<Weights, 1, kWidePanels>(p, row, panel, kOnly);
  }
  for (; panel < p.panels; ++panel) multiply_tile<Weights, 1, 1>(p, row, panel, kOnly);
}

template <typename Weights>
void multiply(const Product& p) {
  if (p.m == 1) return multiply_row<Weights>(p, 0, 0);
  const std::size_t blocks = (p.m + kTallRows - 1) / kTallRows;
  std::size_t panel = 0;
  // Panels outside, rows inside: weights are read once, rows stay in the caches. Blocks are as even as possible.
  for (; panel + kTallPanels <= p.panels; panel += kTallPanels) {
    for (std::size_t i = 0; i < blocks; ++i) {
      const std::size_t first = p.m * i / blocks;
      multiply_rows<Weights, kTallPanels, kTallRows>(p, first, p.m * (i + 1) / blocks - first, panel, {i, blocks});
    }
  }
  for (; panel < p.panels; ++panel) {
    for (std::size_t i = 0; i < blocks; ++i) {
      const std::size_t first = p.m * i / blocks;
      multiply_rows<Weights, 1, kTallRows>(p, first, p.m * (i + 1) / blocks - first, panel, {i, blocks});
    }
  }
}

void multiply_f32(const Product& p) { multiply<FloatPanels>(p); }
void multiply_f32_bf16(const Product& p) { multiply<WidenedPanels>(p); }

}  // namespace
}  // namespace pop2piano::kernels
