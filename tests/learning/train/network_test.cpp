// SPDX-License-Identifier: MIT
// The training network against the published layout's golden numbers of the default model, and its optimiser.
#include "learning/train_t5/network.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "learning/train_t5/export_model.h"
#include "learning/train_t5/model_files.h"
#include "learning/train_t5/optimiser.h"

namespace pop2piano::training {
namespace {

NetworkShape small_shape() {
  NetworkShape s;
  s.d_model = 32;
  s.head_size = 16;
  s.heads = 2;
  s.d_ff = 48;
  s.encoder_layers = s.decoder_layers = 2;
  s.bands = 20;
  s.positions = 24;
  return s;
}

at::Tensor small_loss(Network& network, const at::Tensor& features) {
  const auto inputs = at::arange(20, at::kLong).view({2, 10});
  const auto logits = network.decode(network.encode(features, at::zeros({2}, at::kLong)), inputs);
  return -at::log_softmax(logits.to(at::kFloat), 1).narrow(1, 7, 1).mean();
}

TEST(Network, GradientMatchesDifferences) {
  Parameters parameters(small_shape(), at::kCPU, at::kFloat);
  parameters.initialise(3);
  Network network(small_shape(), parameters);
  at::manual_seed(1);
  const auto features = at::randn({2, 24, 20});
  auto gradient = at::zeros({parameters.size()});
  small_loss(network, features).backward();
  parameters.collect_gradients(gradient);
  // Along the gradient itself the loss must rise by its squared length times the step.
  const at::NoGradGuard no_grad;
  const double length = gradient.norm().item<double>(), step = 1e-2 / length;
  parameters.master().add_(gradient, step);
  const double above = small_loss(network, features).item<double>();
  parameters.master().add_(gradient, -2.0 * step);
  const double below = small_loss(network, features).item<double>();
  EXPECT_NEAR((above - below) / (2.0 * step), length * length, 0.02 * length * length);
}

TEST(Network, Bf16StaysNearFloat) {
  Parameters exact(small_shape(), at::kCPU, at::kFloat), rounded(small_shape(), at::kCPU, at::kBFloat16);
  exact.initialise(3);
  rounded.initialise(3);
  Network a(small_shape(), exact), b(small_shape(), rounded);
  at::manual_seed(1);
  const auto features = at::randn({2, 24, 20});
  EXPECT_NEAR(small_loss(a, features).item<double>(), small_loss(b, features).item<double>(), 0.05);
}

TEST(Optimiser, StopsAtNotANumberAndLeavesTheWeights) {
  Parameters parameters(small_shape(), at::kCPU, at::kFloat);
  parameters.initialise(1);
  Optimiser optimiser(parameters, {});
  const auto before = parameters.master().clone();
  optimiser.gradient()[5] = std::nan("");
  EXPECT_FALSE(std::isfinite(optimiser.step(1e-3, 1.0)));
  EXPECT_TRUE(at::equal(before, parameters.master()));
  EXPECT_EQ(optimiser.steps(), 0);
}

TEST(Optimiser, ClipsLongGradients) {
  Parameters parameters(small_shape(), at::kCPU, at::kFloat);
  parameters.initialise(1);
  Optimiser optimiser(parameters, {.clip_norm = 1.0});
  optimiser.gradient()[0] = 3.0;
  optimiser.gradient()[1] = 4.0;
  EXPECT_NEAR(optimiser.step(1e-3, 1.0), 5.0, 1e-6);
  EXPECT_NEAR(optimiser.state().mean[1].item<double>(), 0.1 * 0.8, 1e-6);
}

TEST(RateSchedule, RisesThenFallsToTheFloor) {
  const RateSchedule rate{.peak = 1.0, .floor = 0.1, .warmup_steps = 10, .total_steps = 110};
  EXPECT_DOUBLE_EQ(rate.at(0), 0.1);
  EXPECT_DOUBLE_EQ(rate.at(9), 1.0);
  EXPECT_NEAR(rate.at(60), 0.55, 1e-12);
  EXPECT_NEAR(rate.at(110), 0.1, 1e-12);
  EXPECT_NEAR(rate.at(1000), 0.1, 1e-12);
}

std::vector<float> read_floats(const std::filesystem::path& file) {
  std::vector<float> values(std::filesystem::file_size(file) / sizeof(float));
  std::ifstream in(file, std::ios::binary);
  in.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
  return values;
}

// The reference was computed by PyTorch in float from the same bf16 weights, style 3.
TEST(Network, SeedEncodesAsTheReference) {
  const char* shared = std::getenv("POP2PIANO_SHARED");
  const auto root = shared != nullptr ? std::filesystem::path(shared)
                                      : std::filesystem::path(POP2PIANO_SOURCE_DIR).parent_path() / "shared";
  const auto folder = root / "model" / "seed";
  if (!std::filesystem::exists(folder / "golden" / "encoder.f32")) {
    GTEST_SKIP() << "no reference data in " << folder << "; set POP2PIANO_SHARED";
  }
  auto input = read_floats(folder / "golden" / "features.f32"),
       expected = read_floats(folder / "golden" / "encoder.f32");
  const auto shape = network_shape_of(read_architecture(folder));
  Parameters parameters(shape, at::kCPU, at::kFloat);
  parameters.load(read_weights(folder), folder.string(), Parameters::Tables::exact);
  Network network(shape, parameters);
  network.set_mode(Network::Mode::evaluation);
  const at::NoGradGuard no_grad;
  const auto segments = static_cast<std::int64_t>(input.size()) / (shape.positions * shape.bands);
  const auto features = at::from_blob(input.data(), {segments, shape.positions, shape.bands});
  const auto rows = network.encode(features, at::full({segments}, 3, at::kLong)).rows;
  const auto count = static_cast<std::int64_t>(expected.size());
  ASSERT_LE(count, rows.numel());
  const auto reference = at::from_blob(expected.data(), {count});
  const double worst = (rows.flatten().narrow(0, 0, count) - reference).abs().max().item<double>();
  EXPECT_LT(worst, 2e-4);
}

TEST(Network, DefaultModelWritesTheEnginesTokens) {
  const auto folder = std::filesystem::path(POP2PIANO_SOURCE_DIR) / "models/default";
  const auto report = compare_with_engine(folder, read_any_model(folder), 4);
  EXPECT_EQ(report.equal, 4);
  EXPECT_GT(report.tokens, 40);
}

}  // namespace
}  // namespace pop2piano::training
