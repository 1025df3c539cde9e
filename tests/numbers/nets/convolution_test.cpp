// SPDX-License-Identifier: MIT
// Convolutions against their definition, loop by loop, in every shape that the networks have.
#include "numbers/nets/convolution.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "numbers/kernels/kernel_table.h"
#include "numbers/nets/activation.h"

namespace pop2piano::nets {
namespace {

std::vector<float> random_values(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> values(count);
  // As bfloat16 holds them, so that rounding changes nothing.
  for (float& value : values) value = kernels::from_bf16(kernels::to_bf16(static_cast<float>(random.normal())));
  return values;
}

struct Case {
  std::string name;
  ConvolutionShape shape;
  PlanesShape planes;
  std::size_t rows_written = 1;
  bool circle = false;
};

std::vector<Case> cases() {
  constexpr std::array kOctaves{-12, 0, 12};
  constexpr std::array kPartials{0, 12, 19, -12, 24};
  return {
      {"one matrix", {.outputs = 7, .channels = 5}, {.steps = 21, .channels = 5}},
      {"dilated in time",
       {.outputs = 16, .channels = 32, .taps = taps_in_time(5, 4)},
       {.steps = 40, .channels = 32, .margin = 8}},
      {"time and neighbouring rows",
       {.outputs = 48, .channels = 48, .taps = taps_in_time(3, 1, -1), .span = 3},
       {.steps = 6, .rows = 20, .channels = 48, .margin = 1, .below = 1, .above = 1},
       20},
      {"rows far apart",
       {.outputs = 48, .channels = 48, .taps = taps_across(kOctaves)},
       {.steps = 3, .rows = 30, .channels = 48, .below = 1, .above = 1},
       30},
      {"any rows",
       {.outputs = 20, .channels = 9, .taps = taps_across(kPartials)},
       {.steps = 3, .rows = 30, .channels = 9},
       30},
      {"rows in strides",
       {.outputs = 24, .channels = 5, .span = 5, .row_stride = 3},
       {.steps = 4, .rows = 64, .channels = 5},
       20},
      {"time and rows in strides",
       {.outputs = 32, .channels = 24, .taps = taps_in_time(3, 1), .span = 3, .row_stride = 3},
       {.steps = 9, .rows = 20, .channels = 24, .margin = 1},
       6},
      {"a circle",
       {.outputs = 17, .channels = 6, .span = 12},
       {.steps = 3, .rows = 12, .channels = 6, .above = 11},
       12,
       true},
      {"nothing within reach",
       {.outputs = 3, .channels = 2, .taps = {{0, 9}}},
       {.steps = 2, .rows = 4, .channels = 2},
       4},
  };
}

Planes filled(const Case& c, Precision precision) {
  Planes x(c.planes, precision);
  const auto values = random_values(c.planes.steps * c.planes.rows * c.planes.channels, 7);
  const std::size_t step = c.planes.rows * c.planes.channels;
  for (std::size_t t = 0; t < c.planes.steps; ++t) {
    const auto at = static_cast<std::ptrdiff_t>(t);
    std::copy_n(values.begin() + at * static_cast<std::ptrdiff_t>(step), step, x.at(at));
    if (c.circle) x.close_circle(at);
    x.written(at);
  }
  return x;
}

std::vector<float> weights_of(const ConvolutionShape& shape) {
  return random_values(shape.outputs * shape.channels * shape.taps.size() * shape.span, 8);
}

// Sum of one output, without bias.
double by_definition(const Case& c, const Planes& x, const std::vector<float>& weights, std::ptrdiff_t step,
                     std::size_t row, std::size_t output) {
  const ConvolutionShape& shape = c.shape;
  double sum = 0.0;
  for (std::size_t i = 0; i < shape.channels; ++i) {
    for (std::size_t tap = 0; tap < shape.taps.size(); ++tap) {
      for (std::size_t s = 0; s < shape.span; ++s) {
        const auto from = static_cast<std::ptrdiff_t>(row * shape.row_stride + s) + shape.taps[tap].rows;
        const auto rows = static_cast<std::ptrdiff_t>(c.planes.rows);
        if (!c.circle && (from < 0 || from >= rows)) continue;
        const std::size_t w = ((output * shape.channels + i) * shape.taps.size() + tap) * shape.span + s;
        sum += static_cast<double>(weights[w]) * x.at(step + shape.taps[tap].steps, (from % rows + rows) % rows)[i];
      }
    }
  }
  return sum;
}

void expect_definition(const Case& c, Precision precision) {
  const Planes x = filled(c, precision);
  const auto weights = weights_of(c.shape), bias = random_values(c.shape.outputs, 9);
  const Convolution convolution(weights, bias, c.shape, precision);
  const auto steps = static_cast<std::ptrdiff_t>(c.planes.steps);
  std::vector<float> out(c.planes.steps * c.rows_written * c.shape.outputs);
  convolution.run(x, 0, steps, c.rows_written, out.data(), identity);
  // 24 bits of each product of the sum, which are of the order of 1.
  const double tolerance = 1e-6 * static_cast<double>(weights.size() / c.shape.outputs + 10);
  const float* found = out.data();
  for (std::ptrdiff_t step = 0; step < steps; ++step) {
    for (std::size_t row = 0; row < c.rows_written; ++row) {
      for (std::size_t o = 0; o < c.shape.outputs; ++o, ++found)
        ASSERT_NEAR(*found, by_definition(c, x, weights, step, row, o) + bias[o], tolerance)
            << c.name << ": " << step << ", " << row << ", " << o;
    }
  }
}

TEST(Convolution, ComputesItsDefinition) {
  for (const Case& c : cases()) expect_definition(c, Precision::floats);
}

TEST(Convolution, ComputesItsDefinitionInBf16) {
  if (kernels::kernel_table().multiply_bf16 == nullptr) GTEST_SKIP() << "floats are the faster here";
  for (const Case& c : cases()) expect_definition(c, Precision::bf16);
}

TEST(Convolution, StepsTogetherAreStepsAlone) {
  for (const Case& c : cases()) {
    const Planes x = filled(c, Precision::floats);
    const Convolution convolution(weights_of(c.shape), {}, c.shape);
    const std::size_t stride = convolution.sums_stride(), step_sums = c.rows_written * stride;
    std::vector<float> together(c.planes.steps * step_sums), alone(step_sums);
    const auto steps = static_cast<std::ptrdiff_t>(c.planes.steps);
    convolution.multiply(x, 0, steps, c.rows_written, together.data(), stride);
    for (std::ptrdiff_t step = 0; step < steps; ++step) {
      convolution.multiply(x, step, step + 1, c.rows_written, alone.data(), stride);
      const auto* expected = together.data() + static_cast<std::size_t>(step) * step_sums;
      ASSERT_TRUE(std::equal(alone.begin(), alone.end(), expected)) << c.name << ", step " << step;
    }
  }
}

TEST(Convolution, SilenceGivesTheBias) {
  for (const Case& c : cases()) {
    const Planes x(c.planes);
    const auto bias = random_values(c.shape.outputs, 9);
    const Convolution convolution(weights_of(c.shape), bias, c.shape);
    std::vector<float> out(c.rows_written * c.shape.outputs);
    convolution.run(x, 0, 1, c.rows_written, out.data(), identity);
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_EQ(out[i], bias[i % bias.size()]) << c.name;
  }
}

TEST(Convolution, AddsABranchToItsInput) {
  const Case c = cases()[2];
  const Planes x = filled(c, Precision::floats);
  Planes to(c.planes);
  const auto weights = weights_of(c.shape), bias = random_values(c.shape.outputs, 9);
  const Convolution convolution(weights, bias, c.shape);
  convolution.add(x, 1, 4, to, relu);
  for (std::ptrdiff_t step = 0; step < 6; ++step) {
    for (std::size_t row = 0; row < c.planes.rows; ++row) {
      const auto place = static_cast<std::ptrdiff_t>(row);
      const double sum = by_definition(c, x, weights, step, row, 5) + bias[5];
      const double expected = step < 1 || step >= 4 ? 0.0 : x.at(step, place)[5] + std::max(0.0, sum);
      ASSERT_NEAR(to.at(step, place)[5], expected, 2e-4) << step << ", " << row;
    }
  }
}

TEST(Convolution, ReadsItsWeightsByName) {
  const NetworkValues values{{"a.weight", {2.0F, 3.0F}}, {"a.bias", {0.5F, 0.25F}}, {"b.weight", {5.0F, 7.0F}}};
  Planes x({.steps = 1, .channels = 1});
  x.at(0)[0] = 10.0F;
  const ConvolutionShape shape{.outputs = 2, .channels = 1};
  std::array<float, 2> out{};
  Convolution(values, "a", shape).run(x, 0, 1, 1, out.data(), identity);
  EXPECT_EQ(out, (std::array{20.5F, 30.25F}));
  Convolution(values, "b", shape).run(x, 0, 1, 1, out.data(), identity);
  EXPECT_EQ(out, (std::array{50.0F, 70.0F})) << "no bias";
}

TEST(Dense, MultipliesRows) {
  constexpr std::size_t kInputs = 3, kOutputs = 16, kRows = 2;
  const auto weights = random_values(kOutputs * kInputs, 3);
  const auto in = random_values(kernels::kRowBlock * kInputs, 4);
  std::array<float, kRows * kOutputs> out{};
  Dense(weights, kOutputs).multiply(in.data(), kRows, out.data());
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t o = 0; o < kOutputs; ++o) {
      double sum = 0.0;
      for (std::size_t i = 0; i < kInputs; ++i)
        sum += static_cast<double>(in[r * kInputs + i]) * weights[o * kInputs + i];
      EXPECT_NEAR(out[r * kOutputs + o], sum, 1e-5);
    }
  }
}

}  // namespace
}  // namespace pop2piano::nets
