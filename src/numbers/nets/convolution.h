// SPDX-License-Identifier: MIT
// Layers of convolution networks, as products of shifted rows with packed weights: convolutions over time and rows with
// any taps (dilated, across rows, on a circle) and strides over rows, and plain matrices. What is done to the sums
// (activation, residual sum) the network says where it passes a layer; see activation.h.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "numbers/kernels/packed_matrix.h"
#include "numbers/nets/network_parts.h"
#include "numbers/nets/planes.h"

namespace pop2piano::nets {

/// Where a convolution reads, counted from the step and row that it writes.
struct Tap {
  std::ptrdiff_t steps = 0, rows = 0;
};
/// `count` taps, `apart` steps from one to the next, around the step itself; all from `row` on.
[[nodiscard]] std::vector<Tap> taps_in_time(std::size_t count, std::size_t apart, std::ptrdiff_t row = 0);
/// Taps at these rows of the step itself.
[[nodiscard]] std::vector<Tap> taps_across(std::span<const int> rows);

struct ConvolutionShape {
  std::size_t outputs = 0;          ///< channels that it writes
  std::size_t channels = 0;         ///< that it reads
  std::vector<Tap> taps = {Tap{}};  ///< in the order of the weights
  std::size_t span = 1;             ///< rows that each tap reads, its own and those above
  std::size_t row_stride = 1;       ///< rows read from one row written to the next, at most 4
};

/// Immutable; may be shared between threads. What its taps reach beyond the planes' margins in time is the caller's to
/// avoid; rows beyond those around a step count as zeros.
class Convolution {
 public:
  /// `weights` [outputs, channels, taps, span] as PyTorch stores [out, in, time, rows]; `bias` [outputs], or empty.
  Convolution(std::span<const float> weights, std::vector<float> bias, const ConvolutionShape& shape,
              Precision precision = Precision::floats);
  /// Of NAME.weight and, where the network has it, NAME.bias.
  Convolution(const NetworkValues& values, const std::string& name, const ConvolutionShape& shape,
              Precision precision = Precision::floats);

  [[nodiscard]] std::size_t outputs() const { return outputs_; }
  /// Floats from one row of sums to the next, at least: outputs up to whole panels.
  [[nodiscard]] std::size_t sums_stride() const { return taps_.front().weights.padded_columns(); }
  [[nodiscard]] std::span<const float> bias() const { return bias_; }  ///< [outputs], zeros where there is none

  /// The products' sums without bias, at steps [first, last): `sums` [steps, rows, outputs], rows `stride` floats
  /// apart. A tap that stays in its row is summed first, the others follow in their order; sums do not depend on what
  /// else is computed with them.
  void multiply(const Planes& x, std::ptrdiff_t first, std::ptrdiff_t last, std::size_t rows, float* sums,
                std::size_t stride) const;

  /// f(sum + bias) at steps [first, last) as `out` [steps, rows, outputs].
  template <typename F>
  void run(const Planes& x, std::ptrdiff_t first, std::ptrdiff_t last, std::size_t rows, float* out, F f) const {
    const std::size_t count = static_cast<std::size_t>(last - first) * rows, stride = sums_stride();
    std::vector<float> sums(count * stride);
    multiply(x, first, last, rows, sums.data(), stride);
    for (std::size_t r = 0; r < count; ++r) {
      for (std::size_t o = 0; o < outputs_; ++o) out[r * outputs_ + o] = f(sums[r * stride + o] + bias_[o]);
    }
  }

  /// A branch beside the places of x: to = x + f(sum + bias) at steps [first, last). x and `to` have `outputs`
  /// channels.
  template <typename F>
  void add(const Planes& x, std::ptrdiff_t first, std::ptrdiff_t last, Planes& to, F f) const {
    const std::size_t rows = x.shape().rows, stride = sums_stride();
    std::vector<float> sums(rows * stride);
    for (std::ptrdiff_t step = first; step < last; ++step) {
      multiply(x, step, step + 1, rows, sums.data(), stride);
      const float* before = x.at(step);
      float* after = to.at(step);
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t o = 0; o < outputs_; ++o) {
          const std::size_t at = r * outputs_ + o;
          after[at] = before[at] + f(sums[r * stride + o] + bias_[o]);
        }
      }
    }
  }

 private:
  struct PackedTap {
    Tap at;
    kernels::PackedMatrix weights;  // [outputs, (span, channels)]
  };
  void multiply_step(const Planes& x, std::ptrdiff_t step, std::size_t rows, float* sums, std::size_t stride) const;
  void multiply_places(const Planes& x, std::ptrdiff_t step, std::ptrdiff_t row, std::size_t count,
                       const PackedTap& tap, float* sums, std::size_t stride, bool accumulate) const;

  std::size_t outputs_, channels_, span_, row_stride_;
  std::vector<PackedTap> taps_;
  std::vector<float> bias_;
};

/// A plain matrix. Immutable; may be shared between threads.
class Dense {
 public:
  static constexpr std::size_t kRowBlock = kernels::kRowBlock;
  /// `weights` [outputs, inputs].
  Dense(std::span<const float> weights, std::size_t outputs);
  /// out [rows, outputs] = in [rows, inputs] times the weights. Outputs must be whole panels of 16; `in` must be
  /// readable up to a multiple of kRowBlock rows.
  void multiply(const float* in, std::size_t rows, float* out) const;

 private:
  kernels::PackedMatrix weights_;
};

}  // namespace pop2piano::nets
