// SPDX-License-Identifier: MIT
#include "numbers/nets/convolution.h"

#include <algorithm>
#include <utility>

#include "numbers/kernels/kernel_table.h"

namespace pop2piano::nets {
namespace {

using kernels::PackedMatrix;

std::vector<float> bias_of(const NetworkValues& values, const std::string& name) {
  const auto found = values.find(name + ".bias");
  return found == values.end() ? std::vector<float>{} : found->second;
}

std::ptrdiff_t floor_divide(std::ptrdiff_t value, std::ptrdiff_t by) {
  return value >= 0 ? value / by : -((by - 1 - value) / by);
}

}  // namespace

std::vector<Tap> taps_in_time(std::size_t count, std::size_t apart, std::ptrdiff_t row) {
  std::vector<Tap> taps(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto place = static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(count / 2);
    taps[i] = {place * static_cast<std::ptrdiff_t>(apart), row};
  }
  return taps;
}

std::vector<Tap> taps_across(std::span<const int> rows) {
  std::vector<Tap> taps;
  for (const int row : rows) taps.push_back({.steps = 0, .rows = row});
  return taps;
}

Convolution::Convolution(std::span<const float> weights, std::vector<float> bias, const ConvolutionShape& shape,
                         Precision precision)
    : outputs_(shape.outputs),
      channels_(shape.channels),
      span_(shape.span),
      row_stride_(shape.row_stride),
      bias_(std::move(bias)) {
  bias_.resize(outputs_, 0.0F);
  const std::size_t taps = shape.taps.size() * span_;
  std::vector<float> rows(outputs_ * span_ * channels_);
  for (std::size_t tap = 0; tap < shape.taps.size(); ++tap) {
    for (std::size_t o = 0; o < outputs_; ++o) {
      for (std::size_t r = 0; r < span_; ++r) {
        for (std::size_t i = 0; i < channels_; ++i)
          rows[(o * span_ + r) * channels_ + i] = weights[(o * channels_ + i) * taps + tap * span_ + r];
      }
    }
    const auto type = precision == Precision::bf16 ? kernels::ElementType::bf16 : kernels::ElementType::f32;
    taps_.push_back({shape.taps[tap], PackedMatrix::pack(rows, outputs_, span_ * channels_, type)});
  }
  std::stable_partition(taps_.begin(), taps_.end(), [](const PackedTap& tap) { return tap.at.rows == 0; });
}

Convolution::Convolution(const NetworkValues& values, const std::string& name, const ConvolutionShape& shape,
                         Precision precision)
    : Convolution(values.at(name + ".weight"), bias_of(values, name), shape, precision) {}

void Convolution::multiply(const Planes& x, std::ptrdiff_t first, std::ptrdiff_t last, std::size_t rows, float* sums,
                           std::size_t stride) const {
  // Where a step is one row with nothing around it, rows of following steps lie one behind the other.
  if (x.step_stride() == channels_ && span_ == 1 && taps_.back().at.rows == 0) {
    const auto count = static_cast<std::size_t>(last - first);
    for (const PackedTap& tap : taps_) {
      multiply_places(x, first + tap.at.steps, 0, count, tap, sums, stride, &tap != &taps_.front());
    }
    return;
  }
  for (std::ptrdiff_t step = first; step < last; ++step, sums += rows * stride) {
    multiply_step(x, step, rows, sums, stride);
  }
}

void Convolution::multiply_step(const Planes& x, std::ptrdiff_t step, std::size_t rows, float* sums,
                                std::size_t stride) const {
  const PlanesShape& shape = x.shape();
  const auto apart = static_cast<std::ptrdiff_t>(row_stride_), all = static_cast<std::ptrdiff_t>(rows);
  const auto lowest = -static_cast<std::ptrdiff_t>(shape.below);
  const auto highest = static_cast<std::ptrdiff_t>(shape.rows + shape.above) -
                       static_cast<std::ptrdiff_t>(span_);  // from which a tap can read
  bool begun = false;
  for (const PackedTap& tap : taps_) {
    // The first and behind the last of the rows written that the tap finds something for.
    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, -floor_divide(tap.at.rows - lowest, apart));
    const std::ptrdiff_t last = std::min(all, floor_divide(highest - tap.at.rows, apart) + 1);
    if (!begun && (first > 0 || last < all)) {
      std::fill_n(sums, rows * stride, 0.0F);
      begun = true;
    }
    if (first >= last) continue;
    multiply_places(x, step + tap.at.steps, first * apart + tap.at.rows, static_cast<std::size_t>(last - first), tap,
                    sums + static_cast<std::size_t>(first) * stride, stride, begun);
    begun = true;
  }
}

void Convolution::multiply_places(const Planes& x, std::ptrdiff_t step, std::ptrdiff_t row, std::size_t count,
                                  const PackedTap& tap, float* sums, std::size_t stride, bool accumulate) const {
  kernels::Product product{
      .a_stride = row_stride_ * channels_, .c = sums, .c_stride = stride, .m = count, .accumulate = accumulate};
  tap.weights.describe(product);
  if (tap.weights.type() == kernels::ElementType::f32) {
    product.a = x.at(step, row);
    kernels::kernel_table().multiply_f32(product);
  } else {
    product.a = x.rounded(step, row);
    kernels::kernel_table().multiply_bf16(product);
  }
}

Dense::Dense(std::span<const float> weights, std::size_t outputs)
    : weights_(PackedMatrix::pack(weights, outputs, weights.size() / outputs, kernels::ElementType::f32)) {}

void Dense::multiply(const float* in, std::size_t rows, float* out) const {
  kernels::Product product{.a = in, .a_stride = weights_.depth(), .c = out, .c_stride = weights_.columns(), .m = rows};
  weights_.describe(product);
  kernels::kernel_table().multiply_f32(product);
}

}  // namespace pop2piano::nets
