// SPDX-License-Identifier: MIT
// Matrices as public rows and public rows as views.
#pragma once

#include <pop2piano/analysis.h>

#include "base/core/matrix.h"

namespace pop2piano {

[[nodiscard]] inline FeatureRows feature_rows(Matrix<float> matrix) {
  const std::size_t columns = matrix.columns();
  return {.columns = columns, .values = matrix.take()};
}

[[nodiscard]] inline Span2D<const float> view_of(const FeatureRows& rows) {
  return {rows.values.data(), rows.rows(), rows.columns};
}

}  // namespace pop2piano
