// SPDX-License-Identifier: MIT
// The program itself: killed in the middle, and split over two processes.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/output_file.h"
#include "scratch_folder.h"
#include "train/model_files.h"
#include "train/tiny_model.h"
#include "train/training_log.h"

namespace pop2piano::training {
namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;

pid_t start(const std::vector<std::string>& arguments, const Environment& environment = {}) {
  const pid_t child = fork();
  if (child != 0) return child;
  for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> argv{const_cast<char*>(POP2PIANO_TRAIN_PROGRAM)};
  for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string write_run(const std::filesystem::path& folder, TrainConfig config, const std::string& name) {
  config.output = (folder / name).string();
  write_file(folder / (name + ".json"), to_json(config));
  return (folder / (name + ".json")).string();
}

TrainConfig program_run(const std::filesystem::path& folder) {
  auto config = testing::tiny_run(folder);
  config.steps = config.rate.total_steps = 40;
  config.log_every = 1;
  config.checkpoint_every = 5;
  config.validation_segments = config.decoded_segments = 0;
  return config;
}

TEST(Program, KilledAndResumedEndsWithTheSameModel) {
  testing::ScratchFolder folder;
  const auto config = program_run(folder.path());
  ASSERT_EQ(wait_for(start({"run", write_run(folder.path(), config, "whole")})), 0);
  const auto killed = write_run(folder.path(), config, "killed");
  const pid_t child = start({"run", killed});
  const auto checkpoint = folder / "killed" / "checkpoints" / "step-000000010.safetensors";
  for (int i = 0; i < 12000 && !std::filesystem::exists(checkpoint); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_EQ(kill(child, SIGKILL), 0);
  wait_for(child);
  ASSERT_EQ(wait_for(start({"run", killed, "--resume"})), 0);
  const auto expected = read_weights(folder / "whole" / "last"), got = read_weights(folder / "killed" / "last");
  for (const auto& [name, value] : expected) EXPECT_TRUE(at::equal(value, got.at(name))) << name;
}

TEST(Program, InterruptedWritesACheckpointAndExits130) {
  testing::ScratchFolder folder;
  auto config = program_run(folder.path());
  config.steps = config.rate.total_steps = 100000;
  config.checkpoint_every = 100000;
  const pid_t child = start({"run", write_run(folder.path(), config, "run")});
  for (int i = 0; i < 12000; ++i) {
    const auto log = folder / "run" / "log.csv";
    if (std::filesystem::exists(log) && std::filesystem::file_size(log) > 100) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_EQ(kill(child, SIGINT), 0);
  EXPECT_EQ(wait_for(child), 130);
  EXPECT_FALSE(std::filesystem::is_empty(folder / "run" / "checkpoints"));
}

TEST(Program, TwoProcessesEqualOneWithTheDoubledBatch) {
  testing::ScratchFolder folder;
  auto config = program_run(folder.path());
  config.steps = config.rate.total_steps = 20;
  config.precision = "f32";
  const auto pair = write_run(folder.path(), config, "pair");
  config.batch *= 2;
  ASSERT_EQ(wait_for(start({"run", write_run(folder.path(), config, "one")})), 0);
  const std::string port = std::to_string(20000 + getpid() % 20000);
  Environment first{{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", port}};
  Environment second = first;
  second[0].second = "1";
  const pid_t a = start({"run", pair}, first), b = start({"run", pair}, second);
  const int status = wait_for(a);
  if (status == 1 && wait_for(b) == 1) GTEST_SKIP() << "built without gloo";
  ASSERT_EQ(status, 0);
  EXPECT_EQ(wait_for(b), 0);
  const TrainingLog expected(folder / "one", 20), got(folder / "pair", 20);
  ASSERT_EQ(got.lines().size(), 20U);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(got.lines()[i].loss, expected.lines()[i].loss, 1e-3) << i;
}

TEST(Program, WrongConfigIsAUsageError) {
  testing::ScratchFolder folder;
  write_file(folder / "run.json", std::string_view(R"({"stpes": 5})"));
  EXPECT_EQ(wait_for(start({"run", (folder / "run.json").string()})), 2);
  EXPECT_EQ(wait_for(start({"run", (folder / "absent.json").string()})), 1);
}

}  // namespace
}  // namespace pop2piano::training
