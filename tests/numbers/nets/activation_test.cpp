// SPDX-License-Identifier: MIT
#include "numbers/nets/activation.h"

#include <array>
#include <numeric>

#include <gtest/gtest.h>

namespace pop2piano::nets {
namespace {

TEST(Activation, HasItsClosedForms) {
  EXPECT_EQ(relu(-2.0F), 0.0F);
  EXPECT_EQ(relu(2.5F), 2.5F);
  EXPECT_EQ(elu(2.5F), 2.5F);
  EXPECT_NEAR(elu(-1.0F), 1.0F / std::numbers::e_v<float> - 1.0F, 1e-6);
  EXPECT_EQ(logistic(0.0F), 0.5F);
  EXPECT_NEAR(logistic(2.0F) + logistic(-2.0F), 1.0F, 1e-6);
  EXPECT_EQ(dot(std::array{1.0F, 2.0F, 3.0F}, std::array{4.0F, 5.0F, 6.0F}), 32.0F);
}

TEST(Softmax, SharesWithTheOtherAnswer) {
  std::array chances{0.0F, 0.0F, std::log(2.0F)};
  softmax(chances, std::log(4.0F));
  EXPECT_NEAR(chances[0], 1.0 / 8.0, 1e-6);
  EXPECT_NEAR(chances[2], 2.0 / 8.0, 1e-6);
  std::array large{-500.0F, 500.0F};
  softmax(large, 500.0F);
  EXPECT_EQ(large[0], 0.0F);
  EXPECT_EQ(large[1], 0.5F);
}

}  // namespace
}  // namespace pop2piano::nets
