// SPDX-License-Identifier: MIT
#include "learning/train/row_kernels.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"

namespace pop2piano::training::row {
namespace {

std::vector<float> random_row(std::size_t count, std::uint64_t seed, double size = 1.0) {
  Random random(seed);
  std::vector<float> row(count);
  for (auto& value : row) value = static_cast<float>(size * random.normal());
  return row;
}

TEST(RowKernels, NarrowRoundsToNearestEvenAndKeepsNaN) {
  // 1 + 2^-8 lies halfway between two bf16 numbers: the even one (1) is taken; 1 + 3 * 2^-8 goes up.
  const std::vector<float> in{1.0F,  1.0F + 0x1p-8F, 1.0F + 3 * 0x1p-8F,
                              -2.5F, std::nanf(""),  std::numeric_limits<float>::infinity()};
  std::vector<std::uint16_t> bits(in.size());
  std::vector<float> back(in.size());
  narrow(in.data(), bits.data(), in.size());
  widen(bits.data(), back.data(), in.size());
  EXPECT_EQ(back[0], 1.0F);
  EXPECT_EQ(back[1], 1.0F);
  EXPECT_EQ(back[2], 1.0F + 0x1p-6F);
  EXPECT_EQ(back[3], -2.5F);
  EXPECT_TRUE(std::isnan(back[4]));
  EXPECT_TRUE(std::isinf(back[5]));
}

TEST(RowKernels, RmsNormOfConstantRowIsTheWeight) {
  const std::vector<float> x(37, 3.0F), weight = random_row(37, 1);
  std::vector<float> out(37);
  const float inverse = rms_norm(x.data(), weight.data(), 0.0F, out.data(), x.size());
  EXPECT_NEAR(inverse, 1.0F / 3.0F, 1e-6F);
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_NEAR(out[i], weight[i], 1e-5F) << i;
}

TEST(RowKernels, SoftmaxSumsToOneAndSurvivesLargeScores) {
  std::vector<float> scores{1000.0F, 999.0F, -1000.0F};
  const std::vector<float> bias{0.0F, 1.0F, 0.0F};
  softmax(scores.data(), bias.data(), 3);
  EXPECT_NEAR(scores[0], 0.5F, 1e-6F);
  EXPECT_NEAR(scores[1], 0.5F, 1e-6F);
  EXPECT_NEAR(scores[2], 0.0F, 1e-6F);
}

TEST(RowKernels, GatedGeluMatchesTanhForm) {
  const auto gate = random_row(100, 2, 4.0), linear = random_row(100, 3);
  std::vector<float> out(100);
  gated_gelu(gate.data(), linear.data(), out.data(), 100);
  for (std::size_t i = 0; i < 100; ++i) {
    const double x = gate[i], u = std::sqrt(2.0 / std::acos(-1.0)) * (x + 0.044715 * x * x * x);
    EXPECT_NEAR(out[i], 0.5 * x * (1.0 + std::tanh(u)) * linear[i], 2e-6) << i;
  }
}

TEST(RowKernels, GatedGeluGradientMatchesDifferences) {
  const auto gate = random_row(50, 4, 2.0), linear = random_row(50, 5);
  const std::vector<float> ones(50, 1.0F);
  std::vector<float> grad_gate(50), grad_linear(50), above(50), below(50);
  gated_gelu_gradient(gate.data(), linear.data(), ones.data(), grad_gate.data(), grad_linear.data(), 50);
  const float step = 1e-2F;
  auto moved = gate;
  for (auto& value : moved) value += step;
  gated_gelu(moved.data(), linear.data(), above.data(), 50);
  for (auto& value : moved) value -= 2 * step;
  gated_gelu(moved.data(), linear.data(), below.data(), 50);
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_NEAR(grad_gate[i], (above[i] - below[i]) / (2 * step), 2e-3) << i;  // differences err by step^2
  }
}

TEST(RowKernels, NaNInNaNOut) {
  std::vector<float> row(8, 1.0F), out(8);
  row[3] = std::nanf("");
  const std::vector<float> ones(8, 1.0F);
  rms_norm(row.data(), ones.data(), 1e-6F, out.data(), 8);
  EXPECT_TRUE(std::isnan(out[0]));
  gated_gelu(row.data(), ones.data(), out.data(), 8);
  EXPECT_TRUE(std::isnan(out[3]));
}

TEST(RowKernels, AdamWTakesTheFirstStepInTheSignOfTheGradient) {
  AdamWStep step;
  step.rate = 0.1F;
  step.weight_decay = 0.0F;
  step.correction1 = 0.1F;
  step.correction2 = 0.02F;
  std::vector<float> gradient{2.0F, -0.5F}, weight{1.0F, 1.0F}, mean(2), square(2), average(2);
  adamw(step, gradient.data(), weight.data(), mean.data(), square.data(), average.data(), 2);
  EXPECT_NEAR(weight[0], 0.9F, 1e-5F);
  EXPECT_NEAR(weight[1], 1.1F, 1e-5F);
  EXPECT_EQ(average[0], weight[0]);
}

}  // namespace
}  // namespace pop2piano::training::row
