// SPDX-License-Identifier: MIT
#include "base/core/half.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano {
namespace {

// The definition: sign, 5 bits of exponent, 10 of fraction.
double by_definition(std::uint16_t half) {
  const double sign = (half & 0x8000U) != 0 ? -1.0 : 1.0;
  const int exponent = (half >> 10) & 31;
  const int fraction = half & 1023;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(Half, EveryFiniteValueIsReadAndWrittenExactly) {
  for (unsigned i = 0; i < 0x10000U; ++i) {
    const auto half = static_cast<std::uint16_t>(i);
    if ((half & 0x7C00U) == 0x7C00U) continue;
    ASSERT_EQ(half_to_float(half), by_definition(half)) << i;
    ASSERT_EQ(float_to_half(half_to_float(half)), half) << i;
  }
}

TEST(Half, InfinityAndNan) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(half_to_float(0x7C00), infinity);
  EXPECT_EQ(half_to_float(0xFC00), -infinity);
  EXPECT_TRUE(std::isnan(half_to_float(0x7E00)));
  EXPECT_EQ(float_to_half(infinity), 0x7C00);
  EXPECT_TRUE(std::isnan(half_to_float(float_to_half(std::nanf("")))));
  EXPECT_EQ(float_to_half(65520.0F), 0x7C00);
  EXPECT_EQ(float_to_half(65519.0F), 0x7BFF);
}

TEST(Half, RoundsToTheNearestEven) {
  Random random(7);
  for (int i = 0; i < 100000; ++i) {
    const float value = static_cast<float>(random.normal() * std::exp(random.uniform(-20.0, 10.0)));
    const std::uint16_t half = float_to_half(value);
    if ((half & 0x7C00U) == 0x7C00U) continue;
    const double error = std::abs(half_to_float(half) - static_cast<double>(value));
    for (const int neighbour : {half - 1, half + 1}) {
      const auto other = static_cast<std::uint16_t>(neighbour);
      if ((other & 0x7C00U) == 0x7C00U || ((other ^ half) & 0x8000U) != 0) continue;
      const double other_error = std::abs(half_to_float(other) - static_cast<double>(value));
      ASSERT_TRUE(error < other_error || (error == other_error && (half & 1U) == 0)) << value;
    }
  }
}

}  // namespace
}  // namespace pop2piano
