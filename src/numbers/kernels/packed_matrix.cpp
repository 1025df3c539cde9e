// SPDX-License-Identifier: MIT
#include "numbers/kernels/packed_matrix.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "numbers/kernels/weight_arena.h"

namespace pop2piano::kernels {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

std::size_t alignment_of(std::size_t size) { return size >= kHugePage / 2 ? kHugePage : kAlignment; }

}  // namespace

AlignedBytes::AlignedBytes(std::size_t size, [[maybe_unused]] Pages pages)
    : data_(static_cast<std::byte*>(::operator new(size, std::align_val_t(alignment_of(size)))), Release{size}),
      size_(size) {
#if defined(__linux__)
  if (pages == Pages::huge && size >= kHugePage) ::madvise(data_.get(), size, MADV_HUGEPAGE);
#endif
}

void AlignedBytes::Release::operator()(std::byte* p) const {
  ::operator delete(p, std::align_val_t(alignment_of(size)));
}

std::uint16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

float from_bf16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

PackedMatrix PackedMatrix::pack(std::span<const float> rows, std::size_t n, std::size_t k, ElementType type) {
  PackedMatrix packed;
  packed.type_ = type;
  packed.n_ = n;
  packed.k_ = k;
  packed.own_ = AlignedBytes(packed.bytes(), Pages::huge);
  packed.fill(rows, packed.own_.data());
  return packed;
}

PackedMatrix PackedMatrix::pack(std::span<const float> rows, std::size_t n, std::size_t k, ElementType type,
                                WeightArena& arena) {
  PackedMatrix packed;
  packed.type_ = type;
  packed.n_ = n;
  packed.k_ = k;
  packed.fill(rows, arena.allocate(packed.bytes()));
  return packed;
}

void PackedMatrix::fill(std::span<const float> rows, std::byte* memory) {
  assert(rows.size() == n_ * k_);
  data_ = memory;
  std::memset(data_, 0, bytes());
  if (type_ == ElementType::int8) {
    scales_.assign(padded_columns(), 0.0F);
    sums_.assign(padded_columns(), 0);
  }
  for (std::size_t i = 0; i < n_; ++i) pack_column(rows.subspan(i * k_, k_), i);
}

void PackedMatrix::pack_column(std::span<const float> row, std::size_t column) {
  const std::size_t start = column / kPanelColumns * kPanelColumns * padded_depth();
  const std::size_t lane = column % kPanelColumns;
  if (type_ == ElementType::f32) {
    float* out = reinterpret_cast<float*>(data_) + start + lane;
    for (std::size_t k = 0; k < k_; ++k) out[k * kPanelColumns] = row[k];
  } else if (type_ == ElementType::bf16) {
    std::uint16_t* out = reinterpret_cast<std::uint16_t*>(data_) + start + lane * 2;
    for (std::size_t k = 0; k < k_; ++k) out[k / 2 * 2 * kPanelColumns + k % 2] = to_bf16(row[k]);
  } else {
    float top = 0.0F;
    for (const float x : row) top = std::max(top, std::abs(x));
    const float inverse = top > 0.0F ? 127.0F / top : 0.0F;
    std::int8_t* out = reinterpret_cast<std::int8_t*>(data_) + start + lane * 4;
    for (std::size_t k = 0; k < k_; ++k) {
      const auto rounded = static_cast<std::int8_t>(std::lrint(row[k] * inverse));
      out[k / 4 * 4 * kPanelColumns + k % 4] = rounded;
      sums_[column] += rounded;
    }
    scales_[column] = top / 127.0F;
  }
}

void PackedMatrix::describe(Product& product) const {
  product.b = data_;
  product.k = padded_depth();
  product.b_stride = product.k * kPanelColumns;
  product.panels = padded_columns() / kPanelColumns;
  product.b_scales = scales_.data();
  product.b_sums = sums_.data();
}

}  // namespace pop2piano::kernels
