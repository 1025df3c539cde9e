// SPDX-License-Identifier: MIT
// The beat network's trainer: a few steps, stopped and gone on, killed; the program's exit.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/types.h>

#include "base/core/output_file.h"
#include "learning/dataset/record_writer.h"
#include "learning/train/small_runs.h"
#include "learning/train_beats/beats_trainer.h"
#include "listening/rhythm/beat_network.h"
#include "scratch_folder.h"

namespace pop2piano::training {
namespace {

using testing::expect_equal_weights;
using testing::ScratchFolder;
using testing::start_program;
using testing::wait_for;
using Start = BeatTrainer::Start;

constexpr std::size_t kFrames = 1200;      // 12 s
constexpr std::size_t kBeatFrames = 50;    // 120 a minute
constexpr const char* kRecords = "songs";  // features lie in songs.beat-features

OwnedTensor bytes_of(std::string_view name, std::size_t rows, std::size_t columns, std::vector<std::byte> bytes) {
  return {.name = std::string(name), .type = ElementType::u8, .shape = {rows, columns}, .bytes = std::move(bytes)};
}

// Loud for 50 ms on each beat.
SongRecord ticking_song(int number) {
  SongRecord song;
  song.description.song = "ticks/" + std::to_string(number);
  song.description.licence = "MIT";
  for (std::size_t beat = 0; beat * kBeatFrames < kFrames; ++beat) {
    song.description.beat_times.push_back(static_cast<double>(beat * kBeatFrames) / kBeatInputRate);
    song.description.beat_numbers.push_back(static_cast<int>(beat % 4) + 1);
  }
  std::vector<std::byte> bands(kFrames * kBeatBands, std::byte{60});
  for (std::size_t t = 0; t < kFrames; ++t) {
    if (t % kBeatFrames > 4) continue;
    for (std::size_t b = 0; b < kBeatBands; ++b) bands[t * kBeatBands + b] = std::byte{180};
  }
  const std::size_t rows = kFrames / kFramesPerHarmony;
  song.tensors = {bytes_of(kBeatBandsTensor, kFrames, kBeatBands, std::move(bands)),
                  bytes_of(kBeatHarmonyTensor, rows, kHarmonyInputs, std::vector<std::byte>(rows * kHarmonyInputs))};
  return song;
}

// The folder of records holds a name only: what is heard already is not heard again.
void write_songs(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / kRecords);
  write_file(folder / kRecords / "ticks.p2pd", std::string_view("heard"));
  const auto features = folder / (std::string(kRecords) + ".beat-features");
  std::filesystem::create_directories(features);
  RecordWriter writer(features / "ticks.p2pd");
  for (int i = 0; i < 3; ++i) writer.add(ticking_song(i));
  writer.finish();
}

TrainConfig small_run(const std::filesystem::path& folder, const std::string& output) {
  TrainConfig config = default_config(Training::beats);
  config.output = (folder / output).string();
  config.records = {{.path = (folder / kRecords).string()}};
  config.steps = 8;
  config.batch = 2;
  config.segment_frames = 256;
  config.rate.warmup_steps = 2;
  config.checkpoint_every = 4;
  config.validation_batches = 1;
  return config;
}

std::vector<std::filesystem::path> features_of(const TrainConfig& config) {
  return {config.records.front().path + ".beat-features"};
}

void train(const TrainConfig& config, Start start = Start::fresh) {
  const auto held_out = config.validation_records.empty() ? std::vector<std::filesystem::path>{} : features_of(config);
  BeatTrainer(config, features_of(config), held_out, start, {}).run(CancelToken{});
}

// Ctrl-C at the first checkpoint.
void train_to_checkpoint(const TrainConfig& config) {
  CancelToken cancel;
  int notes = 0;
  BeatTrainer trainer(config, features_of(config), {}, Start::fresh, [&](const std::string&) {
    if (++notes == 2) cancel.cancel();  // the first tells the number of songs
  });
  try {
    trainer.run(cancel);
    FAIL() << "was not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::cancelled);
  }
}

std::string write_config(const TrainConfig& config, const std::filesystem::path& file) {
  write_file(file, to_json(config, Training::beats));
  return file.string();
}

void wait_for_file(const std::filesystem::path& file) {
  for (int i = 0; i < 12000 && !std::filesystem::exists(file); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TEST(BeatTrainer, LearnsAndWritesWhatTheEngineReads) {
  ScratchFolder folder;
  write_songs(folder.path());
  TrainConfig config = small_run(folder.path(), "run");
  config.validation_records = config.records;
  config.steps = 20;
  config.checkpoint_every = 5;
  config.rate.peak = 5e-3;
  config.optimiser.average_decay = 0;
  train(config);
  const auto held_out = testing::held_out_losses(folder / "run");
  ASSERT_EQ(held_out.size(), 4U);
  EXPECT_LT(held_out.back(), 0.8 * held_out.front());
  EXPECT_NE(BeatNetwork::load(folder / "run" / "beats.safetensors"), nullptr);
}

TEST(BeatTrainer, StoppedAndResumedEndsWithTheSameWeights) {
  ScratchFolder folder;
  write_songs(folder.path());
  train(small_run(folder.path(), "whole"));
  const TrainConfig stopped = small_run(folder.path(), "stopped");
  train_to_checkpoint(stopped);
  train(stopped, Start::newest_checkpoint);
  expect_equal_weights(beat_network_parts(), folder / "whole" / "beats.safetensors",
                       folder / "stopped" / "beats.safetensors");
}

TEST(BeatTrainer, BeginsWithGivenWeights) {
  ScratchFolder folder;
  write_songs(folder.path());
  train(small_run(folder.path(), "first"));
  TrainConfig next = small_run(folder.path(), "next");
  next.start_from = (folder / "first" / "beats.safetensors").string();
  next.steps = 1;
  next.rate.peak = 1e-12;  // stays where it begins
  train(next);
  expect_equal_weights(beat_network_parts(), folder / "first" / "beats.safetensors",
                       folder / "next" / "beats.safetensors");
}

TEST(BeatTrainer, KeepsARunThatIsThere) {
  ScratchFolder folder;
  write_songs(folder.path());
  const TrainConfig config = small_run(folder.path(), "run");
  train(config);
  EXPECT_THROW(train(config), Error);
  TrainConfig elsewhere = small_run(folder.path(), "elsewhere");
  EXPECT_THROW(train(elsewhere, Start::newest_checkpoint), Error);
  EXPECT_THROW(BeatTrainer(elsewhere, features_of(elsewhere), features_of(elsewhere), Start::fresh, {}), Error)
      << "a folder without a weight";
  elsewhere.start_from = (folder / "absent.safetensors").string();
  EXPECT_THROW(train(elsewhere), Error);
}

TEST(BeatTrainer, BatchesMadeAheadAreTheSame) {
  ScratchFolder folder;
  write_songs(folder.path());
  train(small_run(folder.path(), "within"));
  TrainConfig ahead = small_run(folder.path(), "ahead");
  ahead.loader_threads = 2;
  train(ahead);
  expect_equal_weights(beat_network_parts(), folder / "within" / "beats.safetensors",
                       folder / "ahead" / "beats.safetensors");
}

TEST(BeatTrainer, KeepsTheNewestCheckpointsAndSkipsADamagedOne) {
  ScratchFolder folder;
  write_songs(folder.path());
  TrainConfig config = small_run(folder.path(), "run");
  config.checkpoint_every = 2;
  config.keep_checkpoints = 2;
  train(config);
  const auto checkpoints = folder / "run" / "checkpoints";
  EXPECT_FALSE(std::filesystem::exists(checkpoints / "step-000000004.safetensors"));
  ASSERT_TRUE(std::filesystem::exists(checkpoints / "step-000000006.safetensors"));
  std::filesystem::copy_file(folder / "run" / "beats.safetensors", folder / "whole.safetensors");
  write_file(checkpoints / "step-000000008.safetensors", std::string_view("damaged"));
  train(config, Start::newest_checkpoint);
  expect_equal_weights(beat_network_parts(), folder / "whole.safetensors", folder / "run" / "beats.safetensors");
}

TEST(BeatTrainer, ARunOfAFormerVersionIsKept) {
  ScratchFolder folder;
  write_songs(folder.path());
  const TrainConfig config = small_run(folder.path(), "run");
  std::filesystem::create_directories(config.output);
  write_file(folder / "run" / "checkpoint.safetensors", std::string_view("of one file"));
  EXPECT_THROW(train(config), Error);
  try {
    train(config, Start::newest_checkpoint);
    FAIL() << "went on from nothing";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("start_from"), std::string::npos) << error.what();
  }
}

TEST(BeatProgram, KilledAndResumedEndsWithTheSameWeights) {
  ScratchFolder folder;
  write_songs(folder.path());
  TrainConfig whole = small_run(folder.path(), "whole"), killed = small_run(folder.path(), "killed");
  whole.steps = killed.steps = 30;
  ASSERT_EQ(wait_for(start_program({"beats", write_config(whole, folder / "whole.json")})), 0);
  const std::string config = write_config(killed, folder / "killed.json");
  const pid_t child = start_program({"beats", config});
  wait_for_file(folder / "killed" / "beats.safetensors");
  ASSERT_EQ(kill(child, SIGKILL), 0);
  wait_for(child);
  ASSERT_EQ(wait_for(start_program({"beats", config, "--resume"})), 0);
  expect_equal_weights(beat_network_parts(), folder / "whole" / "beats.safetensors",
                       folder / "killed" / "beats.safetensors");
}

TEST(BeatProgram, StoppedAtAnyMomentExits130) {
  ScratchFolder folder;
  write_songs(folder.path());
  for (int round = 0; round < 4; ++round) {
    TrainConfig config = small_run(folder.path(), "run" + std::to_string(round));
    config.steps = 1000000;
    config.checkpoint_every = 2;
    const pid_t child = start_program({"beats", write_config(config, folder / "run.json")});
    wait_for_file(folder / ("run" + std::to_string(round)) / "beats.safetensors");
    std::this_thread::sleep_for(std::chrono::milliseconds(17 * round));
    ASSERT_EQ(kill(child, round % 2 == 0 ? SIGTERM : SIGINT), 0);
    EXPECT_EQ(wait_for(child), 130) << round;
  }
}

TEST(BeatProgram, WrongConfigIsAUsageError) {
  ScratchFolder folder;
  write_file(folder / "run.json", std::string_view(R"({"records": ["x"], "stpes": 5})"));
  EXPECT_EQ(wait_for(start_program({"beats", (folder / "run.json").string()})), 2);
  write_file(folder / "run.json", std::string_view(R"({"steps": 5})"));
  EXPECT_EQ(wait_for(start_program({"beats", (folder / "run.json").string()})), 2) << "no records";
}

}  // namespace
}  // namespace pop2piano::training
