// SPDX-License-Identifier: MIT
#include "numbers/nets/planes.h"

#include <array>

#include <gtest/gtest.h>

#include "numbers/kernels/packed_matrix.h"

namespace pop2piano::nets {
namespace {

float value_of(std::ptrdiff_t step, std::ptrdiff_t row, std::size_t channel) {
  return 100.0F * static_cast<float>(step) + 10.0F * static_cast<float>(row) + static_cast<float>(channel) + 1.0F;
}

Planes numbered(const PlanesShape& shape, Precision precision = Precision::floats) {
  Planes planes(shape, precision);
  for (std::ptrdiff_t step = 0; step < static_cast<std::ptrdiff_t>(shape.steps); ++step) {
    for (std::ptrdiff_t row = 0; row < static_cast<std::ptrdiff_t>(shape.rows); ++row) {
      for (std::size_t c = 0; c < shape.channels; ++c) planes.at(step, row)[c] = value_of(step, row, c);
    }
  }
  return planes;
}

TEST(Planes, HaveZerosAround) {
  const Planes planes = numbered({.steps = 2, .rows = 3, .channels = 2, .margin = 1, .below = 2, .above = 1});
  EXPECT_EQ(planes.step_stride(), 12U);
  for (std::ptrdiff_t step = -1; step <= 2; ++step) {
    for (std::ptrdiff_t row = -2; row <= 3; ++row) {
      const bool inside = step >= 0 && step < 2 && row >= 0 && row < 3;
      EXPECT_EQ(planes.at(step, row)[1], inside ? value_of(step, row, 1) : 0.0F) << step << ", " << row;
    }
  }
}

TEST(Planes, CloseTheCircle) {
  Planes planes = numbered({.steps = 2, .rows = 4, .channels = 3, .below = 1, .above = 2});
  planes.close_circle(1);
  EXPECT_EQ(planes.at(1, -1)[2], value_of(1, 3, 2));
  EXPECT_EQ(planes.at(1, 4)[0], value_of(1, 0, 0));
  EXPECT_EQ(planes.at(1, 5)[1], value_of(1, 1, 1));
  EXPECT_EQ(planes.at(0, 4)[0], 0.0F) << "another step";
}

TEST(Planes, AreRoundedWhereTheyAreWritten) {
  Planes planes({.steps = 2, .rows = 2, .channels = 2, .below = 1}, Precision::bf16);
  ASSERT_TRUE(planes.is_rounded());
  planes.at(1, 1)[1] = 1.0F / 3.0F;
  EXPECT_EQ(planes.rounded(1, 1)[1], 0);
  planes.written(1);
  EXPECT_EQ(planes.rounded(1, 1)[1], kernels::to_bf16(1.0F / 3.0F));
  EXPECT_FALSE(Planes({.steps = 1, .channels = 1}).is_rounded());
}

TEST(Planes, ExchangeTheirValues) {
  const PlanesShape shape{.steps = 1, .rows = 2, .channels = 1};
  Planes a = numbered(shape), b(shape);
  a.exchange(b);
  EXPECT_EQ(a.at(0, 1)[0], 0.0F);
  EXPECT_EQ(b.at(0, 1)[0], value_of(0, 1, 0));
}

TEST(PoolRows, GivesMeanAndLargest) {
  Planes planes = numbered({.steps = 2, .rows = 3, .channels = 2, .below = 1, .above = 1});
  planes.at(1, 0)[1] = -7.0F;
  std::array<float, 4> out{};
  pool_rows(planes, 1, out);
  EXPECT_NEAR(out[0], value_of(1, 1, 0), 1e-4);
  EXPECT_NEAR(out[1], (-7.0 + 112.0 + 122.0) / 3.0, 1e-4);
  EXPECT_EQ(out[2], value_of(1, 2, 0));
  EXPECT_EQ(out[3], value_of(1, 2, 1));
  for (std::ptrdiff_t row = 0; row < 3; ++row) planes.at(0, row)[0] = -5.0F;
  pool_rows(planes, 0, out);
  EXPECT_EQ(out[2], -5.0F) << "zeros around are no rows";
}

}  // namespace
}  // namespace pop2piano::nets
