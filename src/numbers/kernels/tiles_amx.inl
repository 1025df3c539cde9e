// SPDX-License-Identifier: MIT
// Products on Intel's AMX tiles: 16 x 64 bytes of rows times 64 bytes x 16 of a panel, two by two. Rows are read in
// blocks of 16 whether they are asked for or not (see kRowBlock), so that each row is summed alike in every batch.
#pragma once

#include <immintrin.h>

#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/vector_math.inl"

namespace pop2piano::kernels {
namespace {

struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t bytes_per_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

/// Tiles are the thread's own only between load and release.
class TileScope {
 public:
  TileScope() {
    static constexpr TileConfig kConfig;
    _tile_loadconfig(&kConfig);
  }
  ~TileScope() { _tile_release(); }
  TileScope(const TileScope&) = delete;
  TileScope& operator=(const TileScope&) = delete;
};

struct Bf16Tiles {
  static constexpr std::size_t kBytes = 2;  // per element
  static constexpr int kParts = 1;          // of each row
};
/// Floats as sums of bfloat16 parts: products with bfloat16 weights that are as good as float's.
struct SplitTiles : Bf16Tiles {
  static constexpr int kParts = kSplitParts;
};
struct Int8Tiles {
  static constexpr std::size_t kBytes = 1;
  static constexpr int kParts = 1;
};

// Tile registers are named by constants in the instructions: 0-3 sums (row block, panel), 4-5 rows, 6-7 panels.
#define POP2PIANO_TILE_DOT(sum, rows, panel) \
  if constexpr (Kind::kBytes == 2) {         \
    _tile_dpbf16ps(sum, rows, panel);        \
  } else {                                   \
    _tile_dpbssd(sum, rows, panel);          \
  }

/// Fetches some lines of the next panels while these are multiplied: weights come from memory (1 MB of them with 48
/// rows: 68 us instead of 99).
inline __attribute__((always_inline)) void fetch_lines(const char* p, std::size_t first, std::size_t last) {
  for (std::size_t line = first; line < last; ++line) _mm_prefetch(p + line * 64, _MM_HINT_T1);
}

/// Sums of RowBlocks x Panels tiles over all of k into `out`, [RowBlocks][Panels][16][16] of 4 bytes.
template <typename Kind, int RowBlocks, int Panels>
inline void sum_tiles(const Product& p, std::size_t row, std::size_t panel, std::int32_t* out) {
  const std::size_t passes = (p.m + 31) / 32;
  // Each pass over the panels fetches its share; a single pass cannot hide the wait anyway.
  const std::size_t first_line = row / 32 * 16 / passes;
  const std::size_t last_line = p.m > 16 ? (row / 32 + 1) * 16 / passes : first_line;
  const auto* a = static_cast<const char*>(p.a) + row * p.a_stride * Kind::kBytes;
  const auto* b = static_cast<const char*>(p.b) + panel * p.b_stride * Kind::kBytes;
  const std::size_t a_bytes = p.a_stride * Kind::kBytes;
  const std::size_t b_bytes = p.b_stride * Kind::kBytes;
  _tile_zero(0);
  if constexpr (Panels > 1) _tile_zero(1);
  if constexpr (RowBlocks > 1) _tile_zero(2);
  if constexpr (RowBlocks > 1 && Panels > 1) _tile_zero(3);
  for (std::size_t k = 0; k < p.k * Kind::kBytes; k += 64) {
    _tile_loadd(6, b + k * kPanelColumns, 64);
    if constexpr (Panels > 1) _tile_loadd(7, b + b_bytes + k * kPanelColumns, 64);
    fetch_lines(b + Panels * b_bytes + k * kPanelColumns, first_line, last_line);
    if constexpr (Panels > 1) fetch_lines(b + (Panels + 1) * b_bytes + k * kPanelColumns, first_line, last_line);
    const char* rows = a + k;
    for (int part = 0; part < Kind::kParts; ++part, rows += p.a_part_stride * Kind::kBytes) {
      _tile_loadd(4, rows, a_bytes);
      POP2PIANO_TILE_DOT(0, 4, 6)
      if constexpr (Panels > 1) {
        POP2PIANO_TILE_DOT(1, 4, 7)
      }
      if constexpr (RowBlocks > 1) {
        _tile_loadd(5, rows + 16 * a_bytes, a_bytes);
        POP2PIANO_TILE_DOT(2, 5, 6)
        if constexpr (Panels > 1) {
          POP2PIANO_TILE_DOT(3, 5, 7)
        }
      }
    }
  }
  _tile_stored(0, out, 64);
  if constexpr (Panels > 1) _tile_stored(1, out + 256, 64);
  if constexpr (RowBlocks > 1) _tile_stored(2, out + Panels * 256, 64);
  if constexpr (RowBlocks > 1 && Panels > 1) _tile_stored(3, out + 768, 64);
}
#undef POP2PIANO_TILE_DOT

inline __m512 finished(const Product&, const Bf16Tiles&, const std::int32_t* sums, std::size_t, std::size_t) {
  return _mm512_load_ps(sums);
}
inline __m512 finished(const Product& p, const Int8Tiles&, const std::int32_t* sums, std::size_t row,
                       std::size_t column) {
  const __m512 scale = _mm512_mul_ps(_mm512_loadu_ps(p.b_scales + column), _mm512_set1_ps(p.a_scales[row]));
  return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_load_si512(sums)), scale);
}

template <typename Kind, int RowBlocks, int Panels>
void multiply_tiles(const Product& p, std::size_t row, std::size_t panel) {
  alignas(64) std::int32_t sums[RowBlocks * Panels * 256];
  sum_tiles<Kind, RowBlocks, Panels>(p, row, panel, sums);
  const std::size_t rows = p.m - row < RowBlocks * 16 ? p.m - row : RowBlocks * 16;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t v = 0; v < Panels; ++v) {
      const std::size_t column = (panel + v) * kPanelColumns;
      const __m512 value = finished(p, Kind{}, sums + ((r / 16) * Panels + v) * 256 + (r % 16) * 16, row + r, column);
      float* place = p.c + (row + r) * p.c_stride + column;
      _mm512_storeu_ps(place, p.accumulate ? _mm512_add_ps(_mm512_loadu_ps(place), value) : value);
    }
  }
}

template <typename Kind, int Panels>
inline void multiply_panels(const Product& p, std::size_t panel) {
  std::size_t row = 0;
  for (; row + 16 < p.m; row += 32) multiply_tiles<Kind, 2, Panels>(p, row, panel);
  if (row < p.m) multiply_tiles<Kind, 1, Panels>(p, row, panel);
}

/// Bytes of rows that are multiplied with all panels before the next: half of a level-2 cache.
constexpr std::size_t kRowsAtOnceBytes = std::size_t{1} << 20;

template <typename Kind>
void multiply_amx(const Product& p) {
  const TileScope scope;
  const std::size_t row_bytes = p.a_stride * Kind::kBytes * Kind::kParts;
  const std::size_t at_once = kRowsAtOnceBytes / row_bytes / 32 * 32;
  const std::size_t rows = at_once < 64 ? 64 : at_once;
  for (std::size_t first = 0; first < p.m; first += rows) {
    Product some = p;
    some.m = p.m - first < rows ? p.m - first : rows;
    some.a = static_cast<const char*>(p.a) + first * p.a_stride * Kind::kBytes;
    some.c += first * p.c_stride;
    if (some.a_scales != nullptr) some.a_scales += first;
    std::size_t panel = 0;
    for (; panel + 2 <= p.panels; panel += 2) multiply_panels<Kind, 2>(some, panel);
    if (panel < p.panels) multiply_panels<Kind, 1>(some, panel);
  }
}

void multiply_bf16_amx(const Product& p) { multiply_amx<Bf16Tiles>(p); }
void multiply_split_amx(const Product& p) { multiply_amx<SplitTiles>(p); }
void multiply_int8_amx(const Product& p) { multiply_amx<Int8Tiles>(p); }

}  // namespace
}  // namespace pop2piano::kernels
