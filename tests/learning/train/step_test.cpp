// SPDX-License-Identifier: MIT
// One step of a run against its definition, which weights a run writes, and the threads it takes.
#include <array>
#include <cmath>
#include <filesystem>
#include <memory>

#include <dlfcn.h>
#include <gtest/gtest.h>

#include "learning/train/devices.h"
#include "learning/train/tiny_model.h"
#include "learning/train_t5/export_model.h"
#include "learning/train_t5/model_files.h"
#include "learning/train_t5/trainer.h"
#include "scratch_folder.h"

namespace pop2piano::training {
namespace {

using testing::ScratchFolder;

TEST(UseThreads, ReachesOpenBlas) {
  const int before = at::get_num_threads();
  use_threads(1);
  EXPECT_EQ(at::get_num_threads(), 1);
  auto* const threads = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
  const int products = threads == nullptr ? 0 : threads();
  use_threads(before);
  if (threads == nullptr) GTEST_SKIP() << "matrix products are not OpenBLAS's";
  EXPECT_EQ(products, 1);
}

TEST(WeightedLoss, IsSmoothedAndWeightedCrossEntropy) {
  // Rows of probabilities 1/4 each, and 0.1 0.2 0.3 0.4; the third counts nothing.
  const auto logits = at::tensor({1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 1.0, 9.0, 1.0, 1.0}).view({3, 4}).log();
  Batch batch;
  batch.targets = at::tensor({2, 3, 1}, at::kLong);
  batch.weights = at::tensor({2.0F, 0.5F, 0.0F});
  const double first = std::log(4.0), second = -std::log(0.4);
  EXPECT_NEAR(weighted_loss(logits, batch, 0.0).item<double>(), 2.0 * first + 0.5 * second, 1e-6);
  const double spread = -std::log(0.1 * 0.2 * 0.3 * 0.4) / 4.0;
  EXPECT_NEAR(weighted_loss(logits, batch, 0.2).item<double>(), 2.0 * first + 0.5 * (0.8 * second + 0.2 * spread),
              1e-6);
}

class Step : public ::testing::Test {
 protected:
  Step() : config(testing::tiny_run(folder.path())) {
    config.precision = "f32";
    config.steps = config.rate.total_steps = config.log_every = 1;
    config.validation_segments = 0;
  }
  ScratchFolder folder;
  TrainConfig config;
};

TEST_F(Step, LossIsThatOfTheNetworkByHand) {
  config.loss = {.position = 3, .melody_pitch = 5, .accompaniment_pitch = 7, .duration = 11, .end = 13};
  config.loss.label_smoothing = 0.1;
  const auto model = testing::tiny_model();
  BatchMaker maker(std::make_shared<const TrainingSongs>(config, model, Split::train), config, model, {}, at::kFloat);
  const auto batch = maker.training_batch(0, 0);
  Parameters parameters(network_shape_of(model), at::kCPU, at::kFloat);
  parameters.initialise(static_cast<std::uint64_t>(config.seed));
  Network network(network_shape_of(model), parameters);
  const auto logits = network.decode(network.encode(batch.features, batch.styles), batch.inputs).detach().contiguous();
  double sum = 0.0, weights = 0.0;
  for (std::int64_t i = 0; i < batch.targets.numel(); ++i) {
    const double weight = batch.weights[i].item<double>();
    if (weight == 0.0) continue;
    const float* row = logits.data_ptr<float>() + i * logits.size(1);
    double all = 0.0, mean = 0.0;
    for (std::int64_t t = 0; t < logits.size(1); ++t) {
      all += std::exp(static_cast<double>(row[t]));
      mean += row[t] / static_cast<double>(logits.size(1));
    }
    const double own = row[batch.targets[i].item<std::int64_t>()];
    sum += weight * (std::log(all) - 0.9 * own - 0.1 * mean);
    weights += weight;
  }
  Trainer trainer(config, StartFrom::scratch);
  trainer.run(CancelToken{});
  EXPECT_NEAR(trainer.log().lines().at(0).loss, sum / weights, 1e-5);
}

TEST_F(Step, TwoPassesEqualOneOfTheDoubledBatch) {
  const auto run = [&](std::int64_t batch, std::int64_t accumulate) {
    config.batch = batch;
    config.accumulate = accumulate;
    config.output = (folder / ("accumulate-" + std::to_string(accumulate))).string();
    auto trainer = std::make_unique<Trainer>(config, StartFrom::scratch);
    trainer->run(CancelToken{});
    return trainer;
  };
  const auto one = run(8, 1), two = run(4, 2);
  EXPECT_EQ(one->state().segments, two->state().segments);
  EXPECT_NEAR(one->log().lines().at(0).loss, two->log().lines().at(0).loss, 1e-5);
  // Of Adam's mean: its steps blow rounding up where a gradient is next to nothing.
  const auto expected = one->optimiser().state().mean, got = two->optimiser().state().mean;
  const double largest = expected.abs().max().item<double>();
  EXPECT_GT(largest, 0.0);
  EXPECT_LT((got - expected).abs().max().item<double>(), 1e-4 * largest);
}

TEST_F(Step, BestAndLastHoldTheMovingAverage) {
  config.steps = config.rate.total_steps = 30;
  config.validate_every = config.checkpoint_every = 10;
  config.validation_segments = 8;
  config.decoded_segments = 0;
  Trainer trainer(config, StartFrom::scratch);
  trainer.run(CancelToken{});
  const auto average_at = [&](std::int64_t step) {
    return read_any_model(folder / "run" / "checkpoints" / ("step-0000000" + std::to_string(step) + ".safetensors"));
  };
  EXPECT_NO_THROW(check_written(folder / "run" / "last", average_at(30).weights));
  EXPECT_NO_THROW(check_written(folder / "run" / "best", average_at(trainer.state().best_step).weights));
  const auto& parameters = trainer.parameters();
  EXPECT_NO_THROW(check_written(folder / "run" / "last", parameters.named(trainer.optimiser().average())));
  EXPECT_THROW(check_written(folder / "run" / "last", parameters.named(parameters.master())), Error);
}

TEST_F(Step, WithoutValidationBestIsTheLastAverage) {
  config.steps = config.rate.total_steps = 20;
  config.validate_every = config.checkpoint_every = 10;
  config.validation_segments = 0;
  Trainer trainer(config, StartFrom::scratch);
  trainer.run(CancelToken{});
  const auto average = trainer.parameters().named(trainer.optimiser().average());
  for (const char* name : {"best", "last"}) EXPECT_NO_THROW(check_written(folder / "run" / name, average)) << name;
}

}  // namespace
}  // namespace pop2piano::training
