// SPDX-License-Identifier: MIT
// Rows of a bf16 or float tensor as floats: read through a scratch row where they are bf16, in place where not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "learning/train/row_kernels.h"
#include "learning/train/torch.h"

namespace pop2piano::training {

/// Borrowed rows [rows, width] of a contiguous CPU tensor. One object per thread.
class FloatRows {
 public:
  FloatRows(const at::Tensor& tensor, std::int64_t width)
      : width_(static_cast<std::size_t>(width)), bf16_(tensor.scalar_type() == at::kBFloat16) {
    TORCH_CHECK(tensor.is_contiguous() && (bf16_ || tensor.scalar_type() == at::kFloat),
                "FloatRows: a contiguous bf16 or float tensor is needed");
    if (bf16_) {
      bits_ = reinterpret_cast<std::uint16_t*>(tensor.data_ptr<at::BFloat16>());
      scratch_.resize(width_);
    } else {
      floats_ = tensor.data_ptr<float>();
    }
  }

  /// The row's values; valid until the next call.
  float* read(std::int64_t row) {
    float* values = at(row);
    if (bf16_) row::widen(bits_ + offset(row), values, width_);
    return values;
  }
  /// Where a row's values are to be put before write(row).
  float* at(std::int64_t row) { return bf16_ ? scratch_.data() : floats_ + offset(row); }
  void write(std::int64_t row) {
    if (bf16_) row::narrow(scratch_.data(), bits_ + offset(row), width_);
  }

 private:
  [[nodiscard]] std::size_t offset(std::int64_t row) const { return static_cast<std::size_t>(row) * width_; }

  std::size_t width_;
  bool bf16_;
  std::uint16_t* bits_ = nullptr;
  float* floats_ = nullptr;
  std::vector<float> scratch_;
};

}  // namespace pop2piano::training
