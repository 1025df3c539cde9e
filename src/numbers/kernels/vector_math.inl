// SPDX-License-Identifier: MIT
// Vectors as wide as the instruction set that this file is compiled for (GCC and Clang vector extensions). Everything
// has internal linkage and nothing here comes from the standard library's templates: a function shared between
// translation units could be linked in the version of the highest instruction set and crash on a lower one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pop2piano::kernels {
namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
#elif defined(__AVX2__)
constexpr int kLanes = 8;
#else
constexpr int kLanes = 4;
#endif
constexpr int kVectorsPerPanel = 16 / kLanes;

using V = float __attribute__((vector_size(kLanes * 4)));
using VU = float __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));  // unaligned memory
using I = std::int32_t __attribute__((vector_size(kLanes * 4)));
using IU = std::int32_t __attribute__((vector_size(kLanes * 4), aligned(1), may_alias));
using U = std::uint32_t __attribute__((vector_size(kLanes * 4)));

inline __attribute__((always_inline)) V load(const float* p) { return *reinterpret_cast<const VU*>(p); }
inline __attribute__((always_inline)) void store(float* p, V v) { *reinterpret_cast<VU*>(p) = v; }
/// x - 0 is x for every x; 0 + x is not, and would cost an addition.
inline __attribute__((always_inline)) V splat(float x) { return x - V{}; }
inline __attribute__((always_inline)) V largest(V a, V b) { return a > b ? a : b; }
inline __attribute__((always_inline)) V smallest(V a, V b) { return a < b ? a : b; }

/// Fetches the panels that come next while these are multiplied, since weights come from memory. Blocks of rows pass
/// over the same panels one after the other, and each fetches its share. On Zen 5, 48 rows times 60 MB of bfloat16: 325
/// instead of 277 GFLOP/s, 12 rows: 246 instead of 161.
class NextPanels {
 public:
  /// `next`: of the pass's first panel; a panel is `bytes` long and 64 of them are multiplied in a step.
  inline __attribute__((always_inline))
  NextPanels(const void* next, std::size_t bytes, std::size_t pass, std::size_t passes)
      : next_(static_cast<const char*>(next) + bytes / passes * pass), bytes_(bytes), step_(64 / passes) {}
  template <int Panels>
  inline __attribute__((always_inline)) void fetch() {
#pragma GCC unroll 8
    for (int v = 0; v < Panels; ++v) __builtin_prefetch(next_ + static_cast<std::size_t>(v) * bytes_, 0, 2);
    next_ += step_;
  }

 private:
  const char* next_;
  std::size_t bytes_, step_;
};

/// One of several blocks of rows that the same panels are multiplied with.
struct RowPass {
  std::size_t index, count;
};

/// Lanes beyond `count` hold `fill`.
inline __attribute__((always_inline)) V load_part(const float* p, std::size_t count, float fill) {
  V v = splat(fill);
  for (std::size_t i = 0; i < count; ++i) v[i] = p[i];
  return v;
}

inline __attribute__((always_inline)) float sum(V v) {
  float total = 0.0F;
  for (int i = 0; i < kLanes; ++i) total += v[i];
  return total;
}

/// exp, relative error below 2e-7 for -87 <= x <= 88; below that range 0 or nearly so.
inline __attribute__((always_inline)) V exponential(V x) {
  x = smallest(largest(x, splat(-87.0F)), splat(88.0F));
  const V shifted = x * 1.44269504088896341F + 12582912.0F;  // 1.5 * 2^23: the sum rounds to the nearest integer
  const V whole = shifted - 12582912.0F;
  V r = x - whole * 0.693145751953125F;
  r = r - whole * 1.42860682030941723e-6F;
  V p = splat(1.9875691500e-4F);  // Cephes expf
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const I power = (__builtin_convertvector(whole, I) + 127) << 23;
  return p * reinterpret_cast<V>(power);
}

}  // namespace
}  // namespace pop2piano::kernels
