// SPDX-License-Identifier: MIT
// Products of bfloat16 rows with bfloat16 panels by AVX-512's pairwise dot product. The instruction adds the two
// products of a lane one after the other, so each sum runs over k in order.
#pragma once

#include <immintrin.h>

#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/vector_math.inl"

namespace pop2piano::kernels {
namespace {

template <int Rows, int Panels>
void multiply_bf16_tile(const Product& p, std::size_t row, std::size_t panel, RowPass pass) {
  const auto* a = static_cast<const std::uint16_t*>(p.a) + row * p.a_stride;
  const auto* b = static_cast<const std::uint16_t*>(p.b) + panel * p.b_stride;
  __m512 sums[Rows][Panels];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 8
    for (int v = 0; v < Panels; ++v) sums[r][v] = _mm512_setzero_ps();
  }
  NextPanels next(b + Panels * p.b_stride, p.b_stride * 2, pass.index, pass.count);
  for (std::size_t k = 0; k < p.k; k += 2) {
    next.fetch<Panels>();
    __m512i w[Panels];
#pragma GCC unroll 8
    for (int v = 0; v < Panels; ++v) {
      w[v] = _mm512_loadu_si512(b + k * kPanelColumns + static_cast<std::size_t>(v) * p.b_stride);
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      std::int32_t pair;
      __builtin_memcpy(&pair, a + static_cast<std::size_t>(r) * p.a_stride + k, 4);
      const __m512i x = _mm512_set1_epi32(pair);
#pragma GCC unroll 8
      for (int v = 0; v < Panels; ++v) {
        sums[r][v] = _mm512_dpbf16_ps(sums[r][v], reinterpret_cast<__m512bh>(x), reinterpret_cast<__m512bh>(w[v]));
      }
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    float* c = p.c + (row + static_cast<std::size_t>(r)) * p.c_stride + panel * kPanelColumns;
#pragma GCC unroll 8
    for (int v = 0; v < Panels; ++v) {
      const __m512 before = p.accumulate ? _mm512_loadu_ps(c + v * 16) : _mm512_setzero_ps();
      _mm512_storeu_ps(c + v * 16, p.accumulate ? _mm512_add_ps(before, sums[r][v]) : sums[r][v]);
    }
  }
}

template <int Panels, int Rows>
inline void multiply_bf16_rows(const Product& p, std::size_t row, std::size_t rows, std::size_t panel, RowPass pass) {
  if (rows == static_cast<std::size_t>(Rows)) {
    multiply_bf16_tile<Rows, Panels>(p, row, panel, pass);
  } else if constexpr (Rows > 1) {
    multiply_bf16_rows<Panels, Rows - 1>(p, row, rows, panel, pass);
  }
}

void multiply_bf16_row(const Product& p) {
  std::size_t panel = 0;
  for (; panel + 8 <= p.panels; panel += 8) multiply_bf16_tile<1, 8>(p, 0, panel, {0, 1});
  for (; panel < p.panels; ++panel) multiply_bf16_tile<1, 1>(p, 0, panel, {0, 1});
}

void multiply_bf16(const Product& p) {
  constexpr int kRows = 12;
  if (p.m == 1) return multiply_bf16_row(p);
  const std::size_t blocks = (p.m + kRows - 1) / kRows;
  for (std::size_t panel = 0; panel < p.panels; panel += 2) {
    for (std::size_t i = 0; i < blocks; ++i) {
      const std::size_t first = p.m * i / blocks;
      const std::size_t rows = p.m * (i + 1) / blocks - first;
      if (panel + 2 <= p.panels) {
        multiply_bf16_rows<2, kRows>(p, first, rows, panel, {i, blocks});
      } else {
        multiply_bf16_rows<1, kRows>(p, first, rows, panel, {i, blocks});
      }
    }
  }
}

}  // namespace
}  // namespace pop2piano::kernels
