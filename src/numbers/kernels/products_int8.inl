// SPDX-License-Identifier: MIT
// Products of 8-bit rows with 8-bit panels, [k / 4][16][4]: a 32-bit lane holds four neighbours in k. Sums are exact
// 32-bit integers, so all instruction sets agree to the bit up to the final scaling.
#pragma once

#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/vector_math.inl"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace pop2piano::kernels {
namespace {

#if defined(__AVX512VNNI__)
constexpr std::int32_t kRowOffset = 128;  // the instruction takes unsigned rows

inline __attribute__((always_inline)) I spread(const std::int8_t* a) {
  std::int32_t four;
  __builtin_memcpy(&four, a, 4);
  return (I{} + four) ^ static_cast<std::int32_t>(0x80808080U);
}
inline __attribute__((always_inline)) I dot4(I sums, I rows, I weights) {
  return reinterpret_cast<I>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sums), reinterpret_cast<__m512i>(rows),
                                                 reinterpret_cast<__m512i>(weights)));
}
#else
constexpr std::int32_t kRowOffset = 0;

inline __attribute__((always_inline)) I spread(const std::int8_t* a) {
  std::int32_t four;
  __builtin_memcpy(&four, a, 4);
  return I{} + four;
}
#if defined(__AVX512BW__)
inline __attribute__((always_inline)) I dot4(I sums, I rows, I weights) {
  const auto a = reinterpret_cast<__m512i>(rows);
  const auto w = reinterpret_cast<__m512i>(weights);
  const __m512i even =
      _mm512_madd_epi16(_mm512_srai_epi16(_mm512_slli_epi16(a, 8), 8), _mm512_srai_epi16(_mm512_slli_epi16(w, 8), 8));
  const __m512i odd = _mm512_madd_epi16(_mm512_srai_epi16(a, 8), _mm512_srai_epi16(w, 8));
  return sums + reinterpret_cast<I>(even) + reinterpret_cast<I>(odd);
}
#elif defined(__AVX2__)
inline __attribute__((always_inline)) I dot4(I sums, I rows, I weights) {
  const auto a = reinterpret_cast<__m256i>(rows);
  const auto w = reinterpret_cast<__m256i>(weights);
  const __m256i even =
      _mm256_madd_epi16(_mm256_srai_epi16(_mm256_slli_epi16(a, 8), 8), _mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8));
  const __m256i odd = _mm256_madd_epi16(_mm256_srai_epi16(a, 8), _mm256_srai_epi16(w, 8));
  return sums + reinterpret_cast<I>(even) + reinterpret_cast<I>(odd);
}
#else
inline __attribute__((always_inline)) I dot4(I sums, I rows, I weights) {
  sums += (rows >> 24) * (weights >> 24);
  sums += ((rows << 8) >> 24) * ((weights << 8) >> 24);
  sums += ((rows << 16) >> 24) * ((weights << 16) >> 24);
  return sums + ((rows << 24) >> 24) * ((weights << 24) >> 24);
}
#endif
#endif

/// As many sums as the registers hold beside weights and rows.
#if defined(__AVX512F__)
constexpr int kInt8Rows = 12;
constexpr int kInt8Panels = 2;
#else
constexpr int kInt8Rows = 4;
constexpr int kInt8Panels = 1;
#endif

template <int Rows, int Panels>
void scale_tile(const Product& p, std::size_t row, std::size_t panel,
                const I (&sums)[Rows][Panels * kVectorsPerPanel]) {
  for (int r = 0; r < Rows; ++r) {
    const std::size_t m = row + static_cast<std::size_t>(r);
    for (int v = 0; v < Panels * kVectorsPerPanel; ++v) {
      const std::size_t column = panel * kPanelColumns + static_cast<std::size_t>(v * kLanes);
      const I column_sums = static_cast<I>(*reinterpret_cast<const IU*>(p.b_sums + column));
      const I exact = sums[r][v] - column_sums * kRowOffset;
      const V scaled = __builtin_convertvector(exact, V) * (load(p.b_scales + column) * p.a_scales[m]);
      float* place = p.c + m * p.c_stride + column;
      store(place, p.accumulate ? load(place) + scaled : scaled);
    }
  }
}

template <int Rows, int Panels>
void multiply_int8_tile(const Product& p, std::size_t row, std::size_t panel, RowPass pass) {
  const auto* a = static_cast<const std::int8_t*>(p.a) + row * p.a_stride;
  const auto* b = static_cast<const std::int8_t*>(p.b) + panel * p.b_stride;
  constexpr int kVectors = Panels * kVectorsPerPanel;
  I sums[Rows][kVectors] = {};
  NextPanels next(b + Panels * p.b_stride, p.b_stride, pass.index, pass.count);
  for (std::size_t k = 0; k < p.k; k += 4) {
    next.fetch<Panels>();
    I w[kVectors];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      const std::int8_t* place = b + static_cast<std::size_t>(v / kVectorsPerPanel) * p.b_stride + k * kPanelColumns;
      w[v] = static_cast<I>(*reinterpret_cast<const IU*>(place + v % kVectorsPerPanel * kLanes * 4));
    }
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const I x = spread(a + static_cast<std::size_t>(r) * p.a_stride + k);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) sums[r][v] = dot4(sums[r][v], x, w[v]);
    }
  }
  scale_tile<Rows, Panels>(p, row, panel, sums);
}

template <int Panels, int Rows>
inline void multiply_int8_rows(const Product& p, std::size_t row, std::size_t rows, std::size_t panel, RowPass pass) {
  if (rows == static_cast<std::size_t>(Rows)) {
    multiply_int8_tile<Rows, Panels>(p, row, panel, pass);
  } else if constexpr (Rows > 1) {
    multiply_int8_rows<Panels, Rows - 1>(p, row, rows, panel, pass);
  }
}

void multiply_int8(const Product& p) {
  const std::size_t blocks = (p.m + kInt8Rows - 1) / kInt8Rows;
  for (std::size_t panel = 0; panel < p.panels; panel += kInt8Panels) {
    const bool all = panel + kInt8Panels <= p.panels;
    for (std::size_t i = 0; i < blocks; ++i) {
      const std::size_t first = p.m * i / blocks;
      const std::size_t rows = p.m * (i + 1) / blocks - first;
      if (all) {
        multiply_int8_rows<kInt8Panels, kInt8Rows>(p, first, rows, panel, {i, blocks});
      } else {
        multiply_int8_rows<1, kInt8Rows>(p, first, rows, panel, {i, blocks});
      }
    }
  }
}

}  // namespace
}  // namespace pop2piano::kernels
