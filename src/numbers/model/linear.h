// SPDX-License-Identifier: MIT
// Rows on their way through the network: buffers, rounding to the format of a product, the product itself.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "numbers/kernels/packed_matrix.h"

namespace pop2piano {

/// A growing, aligned buffer of floats [rows, stride]; rows are readable up to a multiple of kRowBlock.
class RowBuffer {
 public:
  /// At least `rows` of `columns`; what it held is lost when it grows. New memory is zero.
  void resize(std::size_t rows, std::size_t columns);
  [[nodiscard]] float* data() const { return bytes_.as<float>(); }
  [[nodiscard]] float* row(std::size_t r) const { return data() + r * stride_; }
  [[nodiscard]] std::size_t stride() const { return stride_; }

 private:
  kernels::AlignedBytes bytes_;
  std::size_t stride_ = 0;
};

/// The left side of products, in the number format that the weights ask for. Holds its memory for reuse.
class Operand {
 public:
  /// Rounds `rows` rows of `columns` floats. Formats that need no change are borrowed: the floats must stay.
  void assign(const kernels::KernelTable& table, kernels::RowType type, const float* rows, std::size_t stride,
              std::size_t count, std::size_t columns);

  /// out[count, weights.columns()] = rows * weights^T
  void multiply(const kernels::KernelTable& table, const kernels::PackedMatrix& weights, float* out,
                std::size_t out_stride) const;
  /// out += rows * weights^T
  void multiply_add(const kernels::KernelTable& table, const kernels::PackedMatrix& weights, float* out,
                    std::size_t out_stride) const;
  /// Only `panels` panels of 16 columns from `first` on.
  void multiply_panels(const kernels::KernelTable& table, const kernels::PackedMatrix& weights, std::size_t first,
                       std::size_t panels, float* out, std::size_t out_stride) const;
  /// Any product of rows in bfloat16; `product` says what stands on the right side.
  void multiply_by(const kernels::KernelTable& table, kernels::Product product, float* out,
                   std::size_t out_stride) const;

 private:
  [[nodiscard]] kernels::Product product(const kernels::PackedMatrix& weights, float* out, std::size_t stride) const;
  void run(const kernels::KernelTable& table, const kernels::PackedMatrix& weights,
           const kernels::Product& product) const;

  kernels::RowType type_ = kernels::RowType::f32;
  const void* data_ = nullptr;
  std::size_t stride_ = 0, count_ = 0, part_stride_ = 0;
  kernels::AlignedBytes bytes_;
  std::vector<float> scales_;
};

}  // namespace pop2piano
