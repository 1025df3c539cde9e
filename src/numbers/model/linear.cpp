// SPDX-License-Identifier: MIT
#include "numbers/model/linear.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace pop2piano {

using kernels::ElementType;
using kernels::RowType;

void RowBuffer::resize(std::size_t rows, std::size_t columns) {
  const std::size_t stride = kernels::round_up(columns, kernels::kPanelColumns);
  const std::size_t bytes = kernels::round_up(rows, kernels::kRowBlock) * stride * sizeof(float);
  stride_ = stride;
  if (bytes <= bytes_.size()) return;
  bytes_ = kernels::AlignedBytes(bytes);
  std::memset(bytes_.data(), 0, bytes);
}

void Operand::assign(const kernels::KernelTable& table, RowType type, const float* rows, std::size_t stride,
                     std::size_t count, std::size_t columns) {
  type_ = type;
  count_ = count;
  if (type == RowType::f32) {
    data_ = rows;
    stride_ = stride;
    return;
  }
  const ElementType element = type == RowType::int8 ? ElementType::int8 : ElementType::bf16;
  stride_ = kernels::round_up(columns, kernels::depth_multiple(element));
  const std::size_t padded_rows = kernels::round_up(count, kernels::kRowBlock);
  part_stride_ = padded_rows * stride_;
  const std::size_t parts = type == RowType::split ? kernels::kSplitParts : 1;
  const std::size_t bytes = parts * part_stride_ * kernels::element_bytes(element);
  if (bytes > bytes_.size()) {
    bytes_ = kernels::AlignedBytes(bytes);
    std::memset(bytes_.data(), 0, bytes);
  }
  data_ = bytes_.data();
  scales_.resize(std::max(scales_.size(), padded_rows));
  for (std::size_t r = 0; r < count; ++r) {
    const float* row = rows + r * stride;
    auto* halves = bytes_.as<std::uint16_t>() + r * stride_;
    if (type == RowType::bf16) {
      table.round_bf16(row, columns, stride_, halves);
    } else if (type == RowType::split) {
      table.round_split(row, columns, stride_, part_stride_, halves);
    } else {
      scales_[r] = table.round_int8(row, columns, stride_, bytes_.as<std::int8_t>() + r * stride_);
    }
  }
}

kernels::Product Operand::product(const kernels::PackedMatrix& weights, float* out, std::size_t stride) const {
  kernels::Product p;
  weights.describe(p);
  p.a = data_;
  p.a_stride = stride_;
  p.a_part_stride = part_stride_;
  p.a_scales = scales_.data();
  p.c = out;
  p.c_stride = stride;
  p.m = count_;
  return p;
}

void Operand::run(const kernels::KernelTable& table, const kernels::PackedMatrix& weights,
                  const kernels::Product& product) const {
  if (type_ == RowType::int8) {
    table.multiply_int8(product);
  } else if (type_ == RowType::split) {
    table.multiply_split(product);
  } else if (type_ == RowType::bf16) {
    table.multiply_bf16(product);
  } else if (weights.type() == ElementType::bf16) {
    kernels::Product exact = product;
    exact.k = kernels::round_up(weights.depth(), 2);  // floats are not padded as far as bfloat16 rows are
    table.multiply_f32_bf16(exact);
  } else {
    table.multiply_f32(product);
  }
}

void Operand::multiply(const kernels::KernelTable& table, const kernels::PackedMatrix& weights, float* out,
                       std::size_t out_stride) const {
  run(table, weights, product(weights, out, out_stride));
}

void Operand::multiply_add(const kernels::KernelTable& table, const kernels::PackedMatrix& weights, float* out,
                           std::size_t out_stride) const {
  kernels::Product p = product(weights, out, out_stride);
  p.accumulate = true;
  run(table, weights, p);
}

void Operand::multiply_panels(const kernels::KernelTable& table, const kernels::PackedMatrix& weights,
                              std::size_t first, std::size_t panels, float* out, std::size_t out_stride) const {
  kernels::Product p = product(weights, out, out_stride);
  assert(first + panels <= p.panels);
  const std::size_t element = kernels::element_bytes(weights.type());
  p.b = static_cast<const std::byte*>(p.b) + first * p.b_stride * element;
  if (p.b_scales != nullptr) p.b_scales += first * kernels::kPanelColumns;
  if (p.b_sums != nullptr) p.b_sums += first * kernels::kPanelColumns;
  p.panels = panels;
  run(table, weights, p);
}

void Operand::multiply_by(const kernels::KernelTable& table, kernels::Product product, float* out,
                          std::size_t out_stride) const {
  assert(type_ == RowType::bf16);
  product.a = data_;
  product.a_stride = stride_;
  product.c = out;
  product.c_stride = out_stride;
  product.m = count_;
  table.multiply_bf16(product);
}

}  // namespace pop2piano
