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

BeatTrainConfig small_run(const std::filesystem::path& folder, const std::string& output) {
  BeatTrainConfig config;
  config.output = (folder / output).string();
  config.records = {{.path = (folder / kRecords).string()}};
  config.steps = 8;
  config.batch = 2;
  config.segment_frames = 256;
  config.warmup_steps = 2;
  config.checkpoint_every = 4;
  config.validation_batches = 1;
  return config;
}

std::vector<std::filesystem::path> features_of(const BeatTrainConfig& config) {
  return {config.records.front().path + ".beat-features"};
}

void train(const BeatTrainConfig& config, Start start = Start::fresh) {
  const auto held_out = config.validation.empty() ? std::vector<std::filesystem::path>{} : features_of(config);
  BeatTrainer(config, features_of(config), held_out, start, {}).run(CancelToken{});
}

// Ctrl-C at the first checkpoint.
void train_to_checkpoint(const BeatTrainConfig& config) {
  CancelToken cancel;
  int notes = 0;
  BeatTrainer trainer(config, features_of(config), {}, Start::fresh, {.note = [&](const std::string&) {
                        if (++notes == 2) cancel.cancel();  // the first tells the number of songs
                      }});
  try {
    trainer.run(cancel);
    FAIL() << "was not cancelled";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::cancelled);
  }
}

std::string write_config(const BeatTrainConfig& config, const std::filesystem::path& file) {
  std::ofstream(file) << R"({"output": ")" << config.output << R"(", "records": [")" << config.records.front().path
                      << R"("], "steps": )" << config.steps << R"(, "batch": )" << config.batch
                      << R"(, "segment_frames": )" << config.segment_frames << R"(, "warmup_steps": )"
                      << config.warmup_steps << R"(, "checkpoint_every": )" << config.checkpoint_every << "}";
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
  BeatTrainConfig config = small_run(folder.path(), "run");
  config.validation = config.records;
  config.steps = 20;
  config.checkpoint_every = 5;
  config.peak_rate = 5e-3;
  config.average_decay = 0;
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
  const BeatTrainConfig stopped = small_run(folder.path(), "stopped");
  train_to_checkpoint(stopped);
  train(stopped, Start::newest_checkpoint);
  expect_equal_weights(beat_network_parts(), folder / "whole" / "beats.safetensors",
                       folder / "stopped" / "beats.safetensors");
}

TEST(BeatTrainer, BeginsWithGivenWeights) {
  ScratchFolder folder;
  write_songs(folder.path());
  train(small_run(folder.path(), "first"));
  BeatTrainConfig next = small_run(folder.path(), "next");
  next.start_from = (folder / "first" / "beats.safetensors").string();
  next.steps = 1;
  next.peak_rate = 1e-12;  // stays where it begins
  train(next);
  expect_equal_weights(beat_network_parts(), folder / "first" / "beats.safetensors",
                       folder / "next" / "beats.safetensors");
}

TEST(BeatTrainer, KeepsARunThatIsThere) {
  ScratchFolder folder;
  write_songs(folder.path());
  const BeatTrainConfig config = small_run(folder.path(), "run");
  train(config);
  EXPECT_THROW(train(config), Error);
  BeatTrainConfig elsewhere = small_run(folder.path(), "elsewhere");
  EXPECT_THROW(train(elsewhere, Start::newest_checkpoint), Error);
  EXPECT_THROW(BeatTrainer(elsewhere, features_of(elsewhere), features_of(elsewhere), Start::fresh, {}), Error)
      << "a folder without a weight";
  elsewhere.start_from = (folder / "absent.safetensors").string();
  EXPECT_THROW(train(elsewhere), Error);
}

TEST(BeatProgram, KilledAndResumedEndsWithTheSameWeights) {
  ScratchFolder folder;
  write_songs(folder.path());
  BeatTrainConfig whole = small_run(folder.path(), "whole"), killed = small_run(folder.path(), "killed");
  whole.steps = killed.steps = 30;
  ASSERT_EQ(wait_for(start_program({"beats", write_config(whole, folder / "whole.json")})), 0);
  const std::string config = write_config(killed, folder / "killed.json");
  const pid_t child = start_program({"beats", config});
  wait_for_file(folder / "killed" / "checkpoint.safetensors");
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
    BeatTrainConfig config = small_run(folder.path(), "run" + std::to_string(round));
    config.steps = 1000000;
    config.checkpoint_every = 2;
    const pid_t child = start_program({"beats", write_config(config, folder / "run.json")});
    wait_for_file(folder / ("run" + std::to_string(round)) / "checkpoint.safetensors");
    std::this_thread::sleep_for(std::chrono::milliseconds(17 * round));
    ASSERT_EQ(kill(child, round % 2 == 0 ? SIGTERM : SIGINT), 0);
    EXPECT_EQ(wait_for(child), 130) << round;
  }
}

TEST(BeatProgram, WrongConfigIsAUsageError) {
  ScratchFolder folder;
  write_file(folder / "run.json", std::string_view(R"({"records": ["x"], "stpes": 5})"));
  EXPECT_EQ(wait_for(start_program({"beats", (folder / "run.json").string()})), 2);
}

}  // namespace
}  // namespace pop2piano::training
