// SPDX-License-Identifier: MIT
// What convolution layers read and write: a plane of rows (bands, pitches, pitch classes) for each step in time, each
// row a place with its channels, and as many zeros around as the layers' taps reach.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pop2piano::nets {

/// What products read of the places. Weights are packed alike.
enum class Precision : std::uint8_t { floats, bf16 };
/// bf16 where that is the faster. (Not with AVX-512's dot products, for which layers of 48 channels are too narrow.)
[[nodiscard]] Precision fastest_precision();

struct PlanesShape {
  std::size_t steps = 0;
  std::size_t rows = 1;  ///< of a step
  std::size_t channels = 0;
  std::size_t margin = 0;            ///< steps of zeros before the first and after the last
  std::size_t below = 0, above = 0;  ///< rows of zeros before the first and after the last of each step
};

class Planes {
 public:
  explicit Planes(const PlanesShape& shape, Precision precision = Precision::floats);

  [[nodiscard]] const PlanesShape& shape() const { return shape_; }
  /// The place's channels. `step` from -margin, `row` from -below on.
  [[nodiscard]] float* at(std::ptrdiff_t step, std::ptrdiff_t row = 0) { return values_.data() + offset(step, row); }
  [[nodiscard]] const float* at(std::ptrdiff_t step, std::ptrdiff_t row = 0) const {
    return values_.data() + offset(step, row);
  }
  /// Floats from one step to the next.
  [[nodiscard]] std::size_t step_stride() const { return step_stride_; }
  /// Whether products read bfloat16: rounded() then, else at().
  [[nodiscard]] bool is_rounded() const { return !rounded_.empty(); }
  [[nodiscard]] const std::uint16_t* rounded(std::ptrdiff_t step, std::ptrdiff_t row) const {
    return rounded_.data() + offset(step, row);
  }

  /// The rows go round in a circle: those around the step's are set to the ones at its other end.
  void close_circle(std::ptrdiff_t step);
  /// To be called when the rows of a step have their values (and the circle is closed).
  void written(std::ptrdiff_t step);
  /// Gives its values for those of `other`, which has the same shape; written() is to follow.
  void exchange(Planes& other) { values_.swap(other.values_); }

 private:
  [[nodiscard]] std::size_t offset(std::ptrdiff_t step, std::ptrdiff_t row) const {
    return static_cast<std::size_t>(step + static_cast<std::ptrdiff_t>(shape_.margin)) * step_stride_ +
           static_cast<std::size_t>(row + static_cast<std::ptrdiff_t>(shape_.below)) * shape_.channels;
  }

  PlanesShape shape_;
  std::size_t step_stride_;
  std::vector<float> values_;           // [margin, steps, margin][below, rows, above][channels], then spare
  std::vector<std::uint16_t> rounded_;  // the same as bfloat16; empty where floats are read
};

/// Mean and largest of each channel over the rows of a step: `out` [2 * channels].
void pool_rows(const Planes& x, std::ptrdiff_t step, std::span<float> out);

}  // namespace pop2piano::nets
