// SPDX-License-Identifier: MIT
// The fused layers against libtorch's own operations, values and gradients.
#include "learning/train_t5/fused_ops.h"

#include <vector>

#include <gtest/gtest.h>

namespace pop2piano::training {
namespace {

at::Tensor random_input(at::IntArrayRef shape, at::ScalarType type = at::kFloat) {
  return at::randn(shape).to(type).requires_grad_();
}

// Largest difference relative to the largest magnitude.
double relative_error(const at::Tensor& got, const at::Tensor& expected) {
  const auto e = expected.to(at::kDouble), g = got.to(at::kDouble);
  return ((g - e).abs().max() / e.abs().max().clamp_min(1e-12)).item<double>();
}

std::vector<at::Tensor> gradients_of(const at::Tensor& out, const at::Tensor& probe,
                                     const std::vector<at::Tensor>& inputs) {
  (out.to(at::kFloat) * probe).sum().backward();
  std::vector<at::Tensor> gradients;
  for (auto input : inputs) {
    gradients.push_back(input.grad().clone());
    input.mutable_grad() = at::Tensor();
  }
  return gradients;
}

void expect_same(const at::Tensor& got, const at::Tensor& expected, const std::vector<at::Tensor>& inputs,
                 double tolerance) {
  EXPECT_LT(relative_error(got, expected), tolerance);
  const auto probe = at::randn(got.sizes());
  const auto g = gradients_of(got, probe, inputs), e = gradients_of(expected, probe, inputs);
  for (std::size_t i = 0; i < g.size(); ++i) EXPECT_LT(relative_error(g[i], e[i]), tolerance) << "input " << i;
}

struct Case {
  at::ScalarType type;
  double tolerance;  // a handful of roundings: 2^-24 or 2^-8 each
};
class FusedOps : public ::testing::TestWithParam<Case> {
 protected:
  FusedOps() { at::manual_seed(7); }
};

TEST_P(FusedOps, Project) {
  const auto x = random_input({70, 24}, GetParam().type), w = random_input({40, 24}, GetParam().type);
  expect_same(project(x, w), at::mm(x, w.t()), {x, w}, GetParam().tolerance);
}

TEST_P(FusedOps, RmsNorm) {
  const auto x = random_input({70, 33}), w = random_input({33});
  expect_same(rms_norm(x, w, 1e-6, GetParam().type), plain_ops::rms_norm(x, w, 1e-6, GetParam().type), {x, w},
              GetParam().tolerance);
}

TEST_P(FusedOps, AddRmsNorm) {
  const auto x = random_input({70, 33}), u = random_input({70, 33}, GetParam().type), w = random_input({33});
  const auto [sum, out] = add_rms_norm(x, u, w, 1e-6);
  const auto [plain_sum, plain_out] = plain_ops::add_rms_norm(x, u, w, 1e-6);
  expect_same(sum.tanh() + out.to(at::kFloat), plain_sum.tanh() + plain_out.to(at::kFloat), {x, u, w},
              GetParam().tolerance);
}

TEST_P(FusedOps, GatedGelu) {
  const auto x = random_input({70, 34}, GetParam().type);
  expect_same(gated_gelu(x), plain_ops::gated_gelu(x), {x}, GetParam().tolerance);
}

TEST_P(FusedOps, SelfAttention) {
  for (const auto mask : {AttentionMask::none, AttentionMask::causal}) {
    const AttentionShape shape{3, 2, 8, 11, 11, mask};
    const auto qkv = random_input({33, 48}, GetParam().type), bias = random_input({2, 11, 11});
    expect_same(self_attention(qkv, bias, shape), plain_ops::self_attention(qkv, bias, shape), {qkv, bias},
                GetParam().tolerance);
  }
}

TEST_P(FusedOps, CrossAttention) {
  const AttentionShape shape{3, 2, 8, 5, 11, AttentionMask::none};
  const auto q = random_input({15, 16}, GetParam().type), kv = random_input({33, 32}, GetParam().type);
  expect_same(cross_attention(q, kv, shape), plain_ops::cross_attention(q, kv, shape), {q, kv}, GetParam().tolerance);
}

INSTANTIATE_TEST_SUITE_P(Types, FusedOps, ::testing::Values(Case{at::kFloat, 2e-5}, Case{at::kBFloat16, 3e-2}),
                         [](const auto& chosen) { return chosen.param.type == at::kFloat ? "f32" : "bf16"; });

TEST(FusedOpsShape, CausalProbabilitiesIgnoreTheFuture) {
  const AttentionShape shape{1, 1, 4, 6, 6, AttentionMask::causal};
  auto qkv = at::randn({6, 12});
  const auto before = self_attention(qkv, at::zeros({1, 6, 6}), shape).clone();
  qkv[5] += 10.0;
  const auto after = self_attention(qkv, at::zeros({1, 6, 6}), shape);
  EXPECT_TRUE(at::equal(before.narrow(0, 0, 5), after.narrow(0, 0, 5)));
  EXPECT_FALSE(at::equal(before[5], after[5]));
}

}  // namespace
}  // namespace pop2piano::training
