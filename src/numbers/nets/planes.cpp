// SPDX-License-Identifier: MIT
#include "numbers/nets/planes.h"

#include <algorithm>

#include "numbers/kernels/kernel_table.h"

namespace pop2piano::nets {
namespace {

// Places that products may read behind the last: their rows are taken in blocks, up to four places apart.
constexpr std::size_t kSparePlaces = 4 * kernels::kRowBlock;

}  // namespace

Precision fastest_precision() {
  return kernels::kernel_table().isa == kernels::Isa::amx ? Precision::bf16 : Precision::floats;
}

Planes::Planes(const PlanesShape& shape, Precision precision)
    : shape_(shape),
      step_stride_((shape.below + shape.rows + shape.above) * shape.channels),
      values_((shape.steps + 2 * shape.margin) * step_stride_ + kSparePlaces * shape.channels, 0.0F),
      rounded_(precision == Precision::bf16 ? values_.size() : 0) {}

void Planes::close_circle(std::ptrdiff_t step) {
  const auto rows = static_cast<std::ptrdiff_t>(shape_.rows);
  const auto below = static_cast<std::ptrdiff_t>(shape_.below), above = static_cast<std::ptrdiff_t>(shape_.above);
  std::copy_n(at(step, rows - below), shape_.below * shape_.channels, at(step, -below));
  std::copy_n(at(step, 0), static_cast<std::size_t>(above) * shape_.channels, at(step, rows));
}

void Planes::written(std::ptrdiff_t step) {
  if (rounded_.empty()) return;
  const std::size_t from = offset(step, -static_cast<std::ptrdiff_t>(shape_.below));
  kernels::kernel_table().round_bf16(values_.data() + from, step_stride_, step_stride_, rounded_.data() + from);
}

void pool_rows(const Planes& x, std::ptrdiff_t step, std::span<float> out) {
  const std::size_t channels = x.shape().channels, rows = x.shape().rows;
  float *mean = out.data(), *most = out.data() + channels;
  std::fill_n(mean, channels, 0.0F);
  std::fill_n(most, channels, -1e30F);
  const float* place = x.at(step);
  for (std::size_t r = 0; r < rows; ++r, place += channels) {
    for (std::size_t c = 0; c < channels; ++c) mean[c] += place[c] / static_cast<float>(rows);
    for (std::size_t c = 0; c < channels; ++c) most[c] = std::max(most[c], place[c]);
  }
}

}  // namespace pop2piano::nets
