// SPDX-License-Identifier: MIT
// Matrices rearranged once so that products read them in order: panels of 16 columns of the result, depth inside.
// Layouts: f32 [panels][k][16], bf16 [panels][k / 2][16][2], int8 [panels][k / 4][16][4]; missing columns and depth are
// 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "numbers/kernels/kernel_table.h"

namespace pop2piano::kernels {

class WeightArena;

enum class ElementType : std::uint8_t { f32, bf16, int8 };

/// What the left side of a product is rounded to. `split`: kSplitParts bfloat16 rows for each, exact but for the last
/// bit.
enum class RowType : std::uint8_t { f32, bf16, split, int8 };

/// The depth k is padded to a multiple of this.
[[nodiscard]] constexpr std::size_t depth_multiple(ElementType type) {
  return type == ElementType::f32 ? 1 : type == ElementType::bf16 ? 32 : 64;
}
[[nodiscard]] constexpr std::size_t element_bytes(ElementType type) {
  return type == ElementType::f32 ? 4 : type == ElementType::bf16 ? 2 : 1;
}

/// Huge pages are read faster (18 instead of 11 GB/s, Xeon in a virtual machine) but each is 2 MB once it is touched.
enum class Pages : std::uint8_t { ordinary, huge };

/// Bytes at an address that is a multiple of 64. Not initialised: pages that are never touched cost no memory.
class AlignedBytes {
 public:
  AlignedBytes() = default;
  explicit AlignedBytes(std::size_t size, Pages pages = Pages::ordinary);
  [[nodiscard]] std::byte* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  template <typename T>
  [[nodiscard]] T* as() const {
    return reinterpret_cast<T*>(data_.get());
  }

 private:
  struct Release {
    Release() : size(0) {}
    explicit Release(std::size_t size_in) : size(size_in) {}
    std::size_t size;
    void operator()(std::byte* p) const;
  };
  std::unique_ptr<std::byte, Release> data_;
  std::size_t size_ = 0;
};

/// Immutable after packing.
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// `rows` [n, k] float, row-major, row i at data + i * k (as PyTorch stores a linear layer: out, in). int8 is rounded
  /// per row of `rows` to the largest magnitude / 127; bf16 to the nearest, which is exact for values that are bf16.
  static PackedMatrix pack(std::span<const float> rows, std::size_t n, std::size_t k, ElementType type);
  /// The same in memory of `arena`, which must outlive the result.
  static PackedMatrix pack(std::span<const float> rows, std::size_t n, std::size_t k, ElementType type,
                           WeightArena& arena);

  [[nodiscard]] ElementType type() const { return type_; }
  [[nodiscard]] std::size_t columns() const { return n_; }  ///< n
  [[nodiscard]] std::size_t depth() const { return k_; }    ///< k as given
  [[nodiscard]] std::size_t padded_columns() const { return round_up(n_, kPanelColumns); }
  [[nodiscard]] std::size_t padded_depth() const { return round_up(k_, depth_multiple(type_)); }
  [[nodiscard]] std::size_t bytes() const { return padded_columns() * padded_depth() * element_bytes(type_); }

  /// Fills in all of `product` that depends on this matrix.
  void describe(Product& product) const;

 private:
  void fill(std::span<const float> rows, std::byte* memory);
  void pack_column(std::span<const float> row, std::size_t column);

  ElementType type_ = ElementType::f32;
  std::size_t n_ = 0, k_ = 0;
  AlignedBytes own_;  // empty in an arena
  std::byte* data_ = nullptr;
  std::vector<float> scales_;       // [padded columns] int8 only
  std::vector<std::int32_t> sums_;  // [padded columns] int8 only
};

/// Rounded to the nearest bfloat16, ties to even; not for NaN.
[[nodiscard]] std::uint16_t to_bf16(float value);
[[nodiscard]] float from_bf16(std::uint16_t bits);

}  // namespace pop2piano::kernels
