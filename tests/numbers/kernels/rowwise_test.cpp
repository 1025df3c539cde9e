// SPDX-License-Identifier: MIT
// Norm, softmax, gate and rounding of every instruction set against the textbook in double.
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "numbers/kernels/kernel_table.h"
#include "numbers/kernels/packed_matrix.h"

namespace pop2piano::kernels {
namespace {

std::vector<float> random_values(Random& random, std::size_t count, double scale) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(scale * random.normal());
  return values;
}

class Rowwise : public ::testing::TestWithParam<const KernelTable*> {};

TEST_P(Rowwise, RmsNorm) {
  Random random(1);
  for (const std::size_t n : {1U, 7U, 16U, 48U, 256U, 512U}) {
    const auto x = random_values(random, n, 3.0);
    const auto w = random_values(random, n, 1.0);
    std::vector<float> out(n);
    GetParam()->rms_norm(x.data(), w.data(), 1e-6F, n, out.data());
    double squares = 0.0;
    for (const float v : x) squares += double{v} * v;
    for (std::size_t i = 0; i < n; ++i) {
      const double expected = x[i] / std::sqrt(squares / static_cast<double>(n) + 1e-6) * w[i];
      EXPECT_NEAR(out[i], expected, 1e-6 * std::abs(expected) + 1e-7) << n << " at " << i;
    }
  }
  const std::vector<float> silence(16, 0.0F), ones(16, 1.0F);
  std::vector<float> out(16, 5.0F);
  GetParam()->rms_norm(silence.data(), ones.data(), 1e-6F, 16, out.data());
  for (const float v : out) EXPECT_EQ(v, 0.0F);
}

TEST_P(Rowwise, Softmax) {
  Random random(2);
  for (const std::size_t n : {1U, 3U, 16U, 31U, 32U, 33U, 145U}) {
    const auto scores = random_values(random, n, 20.0);
    const auto bias = random_values(random, n, 2.0);
    std::vector<float> out(round_up(n, 32), 99.0F);
    std::copy(scores.begin(), scores.end(), out.begin());
    GetParam()->softmax(out.data(), bias.data(), n);
    double top = -1e30, total = 0.0;
    for (std::size_t i = 0; i < n; ++i) top = std::max(top, double{scores[i]} + bias[i]);
    for (std::size_t i = 0; i < n; ++i) total += std::exp(double{scores[i]} + bias[i] - top);
    for (std::size_t i = 0; i < n; ++i) {
      EXPECT_NEAR(out[i], std::exp(double{scores[i]} + bias[i] - top) / total, 1e-6) << n << " at " << i;
    }
    for (std::size_t i = n; i < out.size(); ++i) EXPECT_EQ(out[i], 0.0F) << n;
  }
}

TEST_P(Rowwise, SoftmaxWithoutBiasOfEqualScoresIsUniform) {
  std::vector<float> scores(32, -500.0F);
  GetParam()->softmax(scores.data(), nullptr, 20);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(scores[i], 0.05F, 1e-7);
}

TEST_P(Rowwise, GatedGelu) {
  std::vector<float> gate, linear;
  for (int i = -160; i < 160; ++i) {
    gate.push_back(static_cast<float>(i) * 0.125F);
    linear.push_back(static_cast<float>(i % 7) - 2.5F);
  }
  std::vector<float> out(gate.size());
  GetParam()->gated_gelu(gate.data(), linear.data(), gate.size(), out.data());
  for (std::size_t i = 0; i < gate.size(); ++i) {
    const double x = gate[i];
    const double gelu = 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
    EXPECT_NEAR(out[i], gelu * linear[i], 2e-6 * (1.0 + std::abs(gelu * linear[i]))) << "gate " << x;
  }
}

TEST_P(Rowwise, RoundsToBfloat16) {
  Random random(3);
  const auto x = random_values(random, 45, 10.0);
  std::vector<std::uint16_t> out(64, 7);
  GetParam()->round_bf16(x.data(), 45, 64, out.data());
  for (std::size_t i = 0; i < 45; ++i) EXPECT_EQ(out[i], to_bf16(x[i]));
  for (std::size_t i = 45; i < 64; ++i) EXPECT_EQ(out[i], 0);
}

TEST_P(Rowwise, SplitsFloatsIntoParts) {
  Random random(6);
  auto x = random_values(random, 45, 1000.0);
  x[7] = 0.0F;
  std::vector<std::uint16_t> out(3 * 64, 7);
  GetParam()->round_split(x.data(), 45, 64, 64, out.data());
  for (std::size_t i = 0; i < 64; ++i) {
    const float sum = (from_bf16(out[i]) + from_bf16(out[64 + i])) + from_bf16(out[128 + i]);
    EXPECT_EQ(sum, i < 45 ? x[i] : 0.0F) << i;
  }
}

TEST_P(Rowwise, Attention) {
  // Two blocks of 32 positions; 45 of them are looked at.
  constexpr std::size_t kDepth = 48, kBlock = 32, kCount = 45;
  Random random(7);
  auto query = random_values(random, kDepth, 0.3);
  const auto bias = random_values(random, kCount, 1.0);
  auto keys = random_values(random, kCount * kDepth, 1.0);
  auto values = random_values(random, kCount * kDepth, 1.0);
  for (auto* all : {&query, &keys, &values}) {
    for (float& v : *all) v = from_bf16(to_bf16(v));
  }
  double largest = 0.0;
  for (const float v : values) largest = std::max(largest, std::abs(double{v}));
  std::vector<double> expected(kDepth, 0.0);
  double total = 0.0;
  for (std::size_t t = 0; t < kCount; ++t) {
    double score = bias[t];
    for (std::size_t d = 0; d < kDepth; ++d) score += double{query[d]} * keys[t * kDepth + d];
    total += std::exp(score);
    for (std::size_t d = 0; d < kDepth; ++d) expected[d] += std::exp(score) * values[t * kDepth + d];
  }
  for (const bool floats : {true, false}) {
    const std::size_t depth = floats ? kDepth : 64, pair = floats ? 1 : 2;
    const std::size_t unit = kBlock * (depth + kDepth);
    std::vector<float> f(2 * unit, 0.0F);
    std::vector<std::uint16_t> h(2 * unit, 0);
    const auto put = [&](std::size_t i, float v) {
      f[i] = v;
      h[i] = to_bf16(v);
    };
    for (std::size_t t = 0; t < kCount; ++t) {
      const std::size_t first = t / kBlock * unit, in = t % kBlock;
      for (std::size_t d = 0; d < kDepth; ++d) {
        put(first + in / 16 * 16 * depth + d / pair * pair * 16 + in % 16 * pair + d % pair, keys[t * kDepth + d]);
        put(first + kBlock * depth + d / 16 * 16 * kBlock + in / pair * pair * 16 + d % 16 * pair + in % pair,
            values[t * kDepth + d]);
      }
    }
    std::vector<float> scores(64), out(kDepth);
    HeadAttention a;
    a.query = query.data();
    a.cache = floats ? reinterpret_cast<const std::byte*>(f.data()) : reinterpret_cast<const std::byte*>(h.data());
    a.block = kBlock;
    a.block_stride = unit * (floats ? 4 : 2);
    a.key_depth = depth;
    a.d_kv = kDepth;
    a.count = kCount;
    a.bias = bias.data();
    a.scores = scores.data();
    a.out = out.data();
    (floats ? GetParam()->attend_f32 : GetParam()->attend_bf16)(a);
    // Probabilities that are rounded to 8 bits of mantissa, of values up to `largest`.
    const double tolerance = floats || GetParam()->multiply_bf16 == nullptr ? 3e-6 : largest / 512;
    for (std::size_t d = 0; d < kDepth; ++d) {
      EXPECT_NEAR(out[d], expected[d] / total, tolerance) << floats << " at " << d;
    }
  }
}

TEST_P(Rowwise, RoundsTo8Bits) {
  Random random(4);
  const auto x = random_values(random, 45, 10.0);
  std::vector<std::int8_t> out(64, 7);
  const float scale = GetParam()->round_int8(x.data(), 45, 64, out.data());
  int largest = 0;
  for (std::size_t i = 0; i < 45; ++i) {
    EXPECT_NEAR(out[i] * scale, x[i], 0.5001 * scale);
    largest = std::max(largest, std::abs(int{out[i]}));
  }
  EXPECT_EQ(largest, 127);
  for (std::size_t i = 45; i < 64; ++i) EXPECT_EQ(out[i], 0);
  const std::vector<float> silence(16, 0.0F);
  EXPECT_EQ(GetParam()->round_int8(silence.data(), 16, 16, out.data()), 0.0F);
  EXPECT_EQ(out[3], 0);
}

TEST_P(Rowwise, LogSumExp) {
  Random random(5);
  for (const std::size_t n : {1U, 5U, 295U, 2400U}) {
    const auto x = random_values(random, n, 15.0);
    double top = -1e30, total = 0.0;
    for (const float v : x) top = std::max(top, double{v});
    for (const float v : x) total += std::exp(v - top);
    EXPECT_NEAR(GetParam()->log_sum_exp(x.data(), n), top + std::log(total), 1e-5 * (1.0 + std::abs(top)));
  }
}

INSTANTIATE_TEST_SUITE_P(PerIsa, Rowwise,
                         ::testing::ValuesIn(available_kernel_tables().begin(), available_kernel_tables().end()),
                         [](const auto& test) { return std::string(test.param->name); });

}  // namespace
}  // namespace pop2piano::kernels
