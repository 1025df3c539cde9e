// SPDX-License-Identifier: MIT
#include "base/core/random.h"

#include <gtest/gtest.h>

namespace pop2piano {
namespace {

TEST(Random, IsTheSameEverywhere) {
  Random random(0);
  EXPECT_EQ(random.next(), 0xE220A8397B1DCDAFULL);  // first output of the published SplitMix64 for seed 0
}

TEST(Random, HasTheMomentsOfItsDistributions) {
  Random random(1);
  double mean = 0, square = 0, uniform = 0;
  const int count = 100000;
  for (int i = 0; i < count; ++i) {
    const double x = random.normal();
    mean += x / count;
    square += x * x / count;
    uniform += random.uniform(2, 4) / count;
  }
  EXPECT_NEAR(mean, 0, 0.01);  // three standard errors
  EXPECT_NEAR(square, 1, 0.015);
  EXPECT_NEAR(uniform, 3, 0.006);
}

}  // namespace
}  // namespace pop2piano
