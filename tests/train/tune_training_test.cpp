// SPDX-License-Identifier: MIT
// The tune network's trainer: what it computes is what the engine computes; a few steps, stopped and gone on.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "made_up_records.h"
#include "melody/tune_network.h"
#include "model/safetensors.h"
#include "scratch_folder.h"
#include "train/tune_trainer.h"

namespace pop2piano::training {
namespace {

using testing::ScratchFolder;
using Start = TuneTrainer::Start;

// Songs 13 and 33 are for validation.
TrainConfig small_run(const std::filesystem::path& folder, const std::string& output) {
  if (!std::filesystem::exists(folder / "songs.p2pd")) {
    testing::write_made_up_records(folder / "songs.p2pd", {.first_number = 11, .count = 3});
  }
  TrainConfig config;
  config.output = (folder / output).string();
  config.records = {{.path = (folder / "songs.p2pd").string()}};
  config.threads = 1;
  config.steps = 6;
  config.batch = 1;
  config.rate.peak = 5e-3;
  config.rate.warmup_steps = 2;
  config.validation_segments = 1;
  config.checkpoint_every = 3;
  return config;
}

void train(const TrainConfig& config, Start start = Start::fresh) { TuneTrainer(config, start, {}).run(CancelToken{}); }

void expect_equal_weights(const std::filesystem::path& a, const std::filesystem::path& b) {
  const TensorSet expected = read_safetensors(a), found = read_safetensors(b);
  for (const NetworkPart& part : tune_network_parts()) {
    const Tensor *x = expected.find(part.name), *y = found.find(part.name);
    ASSERT_TRUE(x != nullptr && y != nullptr) << part.name;
    EXPECT_EQ(to_floats(*x, part.name, a.string()), to_floats(*y, part.name, b.string())) << part.name;
  }
}

TEST(TuneTrainer, ComputesWhatTheEngineComputes) {
  const ScratchFolder folder;
  const TrainConfig config = small_run(folder.path(), "run");
  train(config);
  const auto file = folder / "run" / "tune.safetensors";
  TuneTrainingNetwork network(1);
  const TensorSet weights = read_safetensors(file);
  for (const auto& [name, view] : network.weights().named(network.weights().flat())) {
    const auto values = to_floats(*weights.find(name), name, file.string());
    std::ranges::copy(values, view.data_ptr<float>());
  }
  const std::size_t steps = 60;
  Random random(4);
  Matrix<float> bands(steps, 512), melody(steps, kMelodyChannels);
  for (float& value : bands.flat()) value = static_cast<float>(0.5 * random.normal());
  for (float& value : melody.flat()) value = static_cast<float>(random.uniform());
  const auto inputs = at::empty({1, static_cast<std::int64_t>(steps), static_cast<std::int64_t>(kMelodyPitches),
                                 static_cast<std::int64_t>(kTuneInputs)});
  constexpr std::size_t kStep = kMelodyPitches * kTuneInputs;
  for (std::size_t t = 0; t < steps; ++t)
    read_tune_inputs(bands.row(t), melody.row(t), std::span(inputs.data_ptr<float>() + t * kStep, kStep));
  const at::NoGradGuard no_grad;
  const TuneLogits logits = network.forward(inputs);
  ThreadPool pool(1);
  const Matrix<float> found = TuneNetwork::load(file)->run(bands.view(), melody.view(), pool);
  for (const auto& [all, first] : {std::pair{logits.begins, std::size_t{0}}, {logits.sounds, kMelodyPitches}}) {
    const auto chances = at::softmax(all, 2).contiguous();
    const float* expected = chances.data_ptr<float>();
    for (std::size_t t = 0; t < steps; ++t) {
      for (std::size_t p = 0; p < kMelodyPitches; ++p)
        ASSERT_NEAR(found(t, first + p), expected[t * (kMelodyPitches + 1) + p], 1e-4) << t << ", " << p;
    }
  }
}

TEST(TuneTrainer, LearnsWhatIsSung) {
  const ScratchFolder folder;
  TrainConfig config = small_run(folder.path(), "run");
  config.steps = 40;
  config.checkpoint_every = 10;
  config.optimiser.average_decay = 0.5;
  train(config);
  std::ifstream log(folder / "run" / "log.csv");
  std::vector<double> held_out;
  for (std::string line; std::getline(log, line);) {
    const auto second = line.find(',', line.find(',') + 1);
    held_out.push_back(std::stod(line.substr(second + 1)));
  }
  ASSERT_EQ(held_out.size(), 4U);
  EXPECT_LT(held_out.back(), 0.9 * held_out.front());
}

TEST(TuneTrainer, StoppedAndResumedEndsWithTheSameWeights) {
  const ScratchFolder folder;
  train(small_run(folder.path(), "whole"));
  const TrainConfig stopped = small_run(folder.path(), "stopped");
  CancelToken cancel;
  int notes = 0;
  TuneTrainer trainer(stopped, Start::fresh, [&](const std::string&) {
    if (++notes == 2) cancel.cancel();  // the first tells the number of songs
  });
  EXPECT_THROW(trainer.run(cancel), Error);
  EXPECT_THROW(train(stopped), Error) << "a run is there";
  train(stopped, Start::newest_checkpoint);
  expect_equal_weights(folder / "whole" / "tune.safetensors", folder / "stopped" / "tune.safetensors");
}

}  // namespace
}  // namespace pop2piano::training
