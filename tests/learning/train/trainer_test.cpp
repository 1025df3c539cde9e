// SPDX-License-Identifier: MIT
// Whole runs on a tiny network: learn, stop, go on, fail.
#include "learning/train_t5/trainer.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "learning/train/tiny_model.h"
#include "learning/train_t5/export_model.h"
#include "learning/train_t5/model_files.h"
#include "learning/train_t5/validation.h"
#include "scratch_folder.h"

namespace pop2piano::training {
namespace {

using testing::ScratchFolder;
using testing::tiny_run;

at::Tensor train_to_end(const TrainConfig& config, StartFrom start = StartFrom::scratch) {
  Trainer trainer(config, start);
  trainer.run(CancelToken{});
  return trainer.parameters().master().clone();
}

// Ctrl-C after the step at which the log reaches `step`.
void train_until(const TrainConfig& config, std::int64_t step) {
  CancelToken cancel;
  TrainerEvents events;
  events.logged = [&](const LogLine& line, double) {
    if (line.step >= step) cancel.cancel();
  };
  Trainer trainer(config, StartFrom::scratch, events);
  try {
    trainer.run(cancel);
    FAIL() << "was not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::cancelled);
  }
}

TEST(Trainer, SmokeSixtySteps) {
  ScratchFolder folder;
  const auto config = tiny_run(folder.path());
  Trainer trainer(config, StartFrom::scratch);
  trainer.run(CancelToken{});
  const auto& lines = trainer.log().lines();
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_LT(lines.back().loss, 0.75 * lines.front().loss);
  ASSERT_EQ(trainer.log().validations().size(), 2U);
  EXPECT_LT(trainer.log().validations()[1].loss, trainer.log().validations()[0].loss);
  for (const char* name : {"log.csv", "validation.csv", "curve.svg", "curve.html", "train_config.json",
                           "best/model.safetensors", "last/config.json", "checkpoints/step-000000060.safetensors"}) {
    EXPECT_TRUE(std::filesystem::exists(folder / "run" / name)) << name;
  }
  const auto best = folder / "run" / "best";
  const auto report = compare_with_engine(best, read_any_model(best), 4);
  EXPECT_EQ(report.equal, 4);
}

TEST(Trainer, ResumesBitExactly) {
  for (const char* precision : {"f32", "bf16"}) {
    ScratchFolder folder;
    auto config = tiny_run(folder.path());
    config.precision = precision;
    config.steps = config.rate.total_steps = 24;
    config.log_every = 1;
    config.dropout = 0.1;
    config.accumulate = 2;
    config.batch = 4;
    config.validation_segments = config.decoded_segments = 0;
    const auto unbroken = train_to_end(config);
    config.output = (folder / "broken").string();
    config.loader_threads = 2;
    train_until(config, 11);
    EXPECT_TRUE(at::equal(unbroken, train_to_end(config, StartFrom::newest_checkpoint))) << precision;
  }
}

TEST(Trainer, SkipsADamagedCheckpoint) {
  ScratchFolder folder;
  auto config = tiny_run(folder.path());
  config.decoded_segments = 0;
  const auto unbroken = train_to_end(config);
  const auto newest = folder / "run" / "checkpoints" / "step-000000060.safetensors";
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest) / 2);
  std::string notes;
  TrainerEvents events;
  events.note = [&](const std::string& line) { notes += line; };
  Trainer trainer(config, StartFrom::newest_checkpoint, events);
  EXPECT_EQ(trainer.state().step, 40);
  EXPECT_NE(notes.find("step-000000060"), std::string::npos);
  trainer.run(CancelToken{});
  EXPECT_TRUE(at::equal(unbroken, trainer.parameters().master()));
}

TEST(Trainer, RemovesWhatAKilledProcessLeftOfItsCheckpoints) {
  ScratchFolder folder;
  auto config = tiny_run(folder.path());
  config.steps = config.rate.total_steps = 2;
  config.validation_segments = 0;
  const auto checkpoints = folder / "run" / "checkpoints";
  std::filesystem::create_directories(checkpoints);
  const auto unfinished = checkpoints / "step-000000001.safetensors.4711.part";
  std::ofstream(unfinished) << "half";
  std::ofstream(checkpoints / "notes.part") << "of somebody else";
  std::ofstream(folder / "step-000000001.safetensors.4711.part") << "of another run";
  train_to_end(config);
  EXPECT_FALSE(std::filesystem::exists(unfinished));
  std::ofstream(unfinished) << "half";
  train_to_end(config, StartFrom::newest_checkpoint);
  EXPECT_FALSE(std::filesystem::exists(unfinished));
  EXPECT_TRUE(std::filesystem::exists(checkpoints / "notes.part"));
  EXPECT_TRUE(std::filesystem::exists(folder / "step-000000001.safetensors.4711.part"));
}

TEST(Trainer, NotANumberStopsAndKeepsTheLastState) {
  ScratchFolder folder;
  auto config = tiny_run(folder.path());
  config.rate.peak = 1e30;
  config.rate.warmup_steps = 0;
  config.checkpoint_every = 1;
  config.validation_segments = 0;
  Trainer trainer(config, StartFrom::scratch);
  try {
    trainer.run(CancelToken{});
    FAIL() << "went on with a loss that is no number";
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("not finite"), std::string::npos) << message;
    EXPECT_NE(message.find("made-up/"), std::string::npos) << message;
    EXPECT_NE(message.find("step-00000000"), std::string::npos) << message;
  }
}

TEST(Trainer, RefusesToOverwriteAndToResumeNothing) {
  ScratchFolder folder;
  auto config = tiny_run(folder.path());
  EXPECT_THROW(Trainer(config, StartFrom::newest_checkpoint), Error);
  config.steps = config.rate.total_steps = 2;
  config.validation_segments = 0;
  train_to_end(config);
  EXPECT_THROW(Trainer(config, StartFrom::scratch), Error);
}

TEST(Trainer, RefusesACheckpointOfAnotherNetwork) {
  ScratchFolder folder;
  auto config = tiny_run(folder.path());
  config.steps = config.rate.total_steps = 2;
  config.validation_segments = 0;
  train_to_end(config);
  auto wider = testing::tiny_model();
  wider.d_ff = 96;
  write_file(folder / "architecture" / "config.json", write_config(wider));
  EXPECT_THROW(Trainer(config, StartFrom::newest_checkpoint), Error);
}

TEST(Trainer, AveragesModels) {
  ScratchFolder folder;
  const auto model = testing::tiny_model();
  Parameters a(network_shape_of(model), at::kCPU, at::kFloat), b(network_shape_of(model), at::kCPU, at::kFloat);
  a.initialise(1);
  b.initialise(2);
  write_model(folder / "a", model, a.named(a.master()), "a");
  write_model(folder / "b", model, b.named(b.master()), "b");
  const std::vector<std::filesystem::path> paths{folder / "a", folder / "b"};
  const auto mean = average_models(paths).weights.at("lm_head.weight");
  const auto expected =
      (read_weights(folder / "a").at("lm_head.weight") + read_weights(folder / "b").at("lm_head.weight")) / 2;
  EXPECT_TRUE(at::allclose(mean, expected));
}

TEST(MatchNotes, PairsEachOnceWithinTolerance) {
  const auto note = [](int onset, int pitch) {
    Note n;
    n.onset = onset;
    n.pitch = static_cast<std::int16_t>(pitch);
    return n;
  };
  const std::vector<Note> expected{note(0, 60), note(12, 62), note(24, 64)};
  const std::vector<Note> found{note(1, 60), note(0, 60), note(14, 62), note(24, 64)};
  const auto counts = match_notes(expected, found, 1);
  EXPECT_EQ(counts.matched, 2);
  EXPECT_DOUBLE_EQ(counts.f1(), 4.0 / 7.0);
}

TEST(MatchNotes, LeavesANoteToTheOneOnItsStep) {
  const auto notes = [](int first) {
    std::vector<Note> repeated(2);
    for (int i = 0; i < 2; ++i) repeated[static_cast<std::size_t>(i)].onset = first + i;
    return repeated;
  };
  EXPECT_EQ(match_notes(notes(0), notes(1), 1).matched, 1) << "the most pairs would be 2, each a step off";
}

}  // namespace
}  // namespace pop2piano::training
