// SPDX-License-Identifier: MIT
// What is measured: a number that may be undefined, a mean with its interval.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace pop2piano {

/// A measured number, or the reason why there is none ("the reference has no beats"). Never a 0 that looks like a
/// score.
class Measure {
 public:
  Measure() = default;
  Measure(double value) : value_(value) {}  // NOLINT(google-explicit-constructor): a number is a measure
  /// `reason` must outlive the object: a literal.
  static Measure undefined(std::string_view reason) {
    Measure measure;
    measure.reason_ = reason;
    return measure;
  }

  [[nodiscard]] bool defined() const { return value_.has_value(); }
  [[nodiscard]] double value() const { return value_.value(); }  ///< throws std::bad_optional_access when undefined
  [[nodiscard]] std::optional<double> optional() const { return value_; }
  [[nodiscard]] std::string_view reason() const { return defined() ? std::string_view() : reason_; }

 private:
  std::optional<double> value_;
  std::string_view reason_ = "not measured";
};

/// A mean and the interval that holds it with 95 % (bootstrap over songs, 2000 draws, percentile method).
struct MeanInterval {
  std::size_t count = 0;  ///< of defined values
  double mean = 0.0, low = 0.0, high = 0.0;
};

}  // namespace pop2piano
