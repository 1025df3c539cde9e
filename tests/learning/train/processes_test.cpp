// SPDX-License-Identifier: MIT
// The program itself: killed in the middle, and split over two processes.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/core/output_file.h"
#include "learning/train/tiny_model.h"
#include "learning/train/training_log.h"
#include "learning/train_t5/model_files.h"
#include "scratch_folder.h"

#ifdef POP2PIANO_TORCH_GLOO
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

namespace pop2piano::training {
namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;

struct Surroundings {
  Environment environment;
  std::string error_file;               // empty: the test's own
  rlim_t largest_file = RLIM_INFINITY;  // bytes
};

pid_t start(const std::vector<std::string>& arguments, const Surroundings& around = {}) {
  const pid_t child = fork();
  if (child != 0) return child;
  const rlimit limit{around.largest_file, around.largest_file};
  if (around.largest_file != RLIM_INFINITY) setrlimit(RLIMIT_FSIZE, &limit);
  if (!around.error_file.empty() && std::freopen(around.error_file.c_str(), "w", stderr) == nullptr) _exit(126);
  for (const auto& [name, value] : around.environment) setenv(name.c_str(), value.c_str(), 1);
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

#ifdef POP2PIANO_TORCH_GLOO
constexpr bool kProgramHasGloo = true;
#else
constexpr bool kProgramHasGloo = false;
#endif

Environment process_of_two(int rank) {
  static const std::string port = std::to_string(20000 + getpid() % 20000);
  return {{"RANK", std::to_string(rank)}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", port}};
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

void wait_until_there(const std::filesystem::path& file) {
  for (int i = 0; i < 12000 && !std::filesystem::exists(file); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TEST(Program, KilledAndResumedEndsWithTheSameModel) {
  testing::ScratchFolder folder;
  const auto config = program_run(folder.path());
  ASSERT_EQ(wait_for(start({"run", write_run(folder.path(), config, "whole")})), 0);
  const auto killed = write_run(folder.path(), config, "killed");
  const pid_t child = start({"run", killed});
  const auto checkpoint = folder / "killed" / "checkpoints" / "step-000000010.safetensors";
  wait_until_there(checkpoint);
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
  if (!kProgramHasGloo) GTEST_SKIP() << "built without gloo";
  testing::ScratchFolder folder;
  auto config = program_run(folder.path());
  config.steps = config.rate.total_steps = 20;
  config.precision = "f32";
  const auto pair = write_run(folder.path(), config, "pair");
  config.batch *= 2;
  ASSERT_EQ(wait_for(start({"run", write_run(folder.path(), config, "one")})), 0);
  const auto first = process_of_two(0), second = process_of_two(1);
  const pid_t a = start({"run", pair}, {first}), b = start({"run", pair}, {second});
  EXPECT_EQ(wait_for(a), 0);
  ASSERT_EQ(wait_for(b), 0);
  const TrainingLog expected(folder / "one", 20), got(folder / "pair", 20);
  ASSERT_EQ(got.lines().size(), 20U);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(got.lines()[i].loss, expected.lines()[i].loss, 1e-3) << i;
}

#ifdef POP2PIANO_TORCH_GLOO
// torchrun's agent listens on the port before its workers start.
TEST(Program, ProcessesOfTorchrunMeetAtItsAgent) {
  testing::ScratchFolder folder;
  auto config = program_run(folder.path());
  config.steps = 5;
  c10d::TCPStoreOptions options;
  options.isServer = true;
  options.waitWorkers = false;
  options.port = 0;  // any that is free
  const c10d::TCPStore agent("127.0.0.1", options);
  const auto worker = [&](int rank) {
    Environment environment = process_of_two(rank);
    environment.insert(environment.end(), {{"MASTER_PORT", std::to_string(agent.getPort())},
                                           {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                           {"TORCHELASTIC_RESTART_COUNT", "1"}});
    return environment;
  };
  const auto file = write_run(folder.path(), config, "pair");
  const pid_t a = start({"run", file}, {worker(0)}), b = start({"run", file}, {worker(1)});
  EXPECT_EQ(wait_for(a), 0);
  EXPECT_EQ(wait_for(b), 0);
}
#endif

TEST(Program, AProcessWithAnotherFolderThanTheFirstSaysSo) {
  if (!kProgramHasGloo) GTEST_SKIP() << "built without gloo";
  testing::ScratchFolder folder;
  auto config = program_run(folder.path());
  config.steps = 5;
  const auto shared = write_run(folder.path(), config, "shared"), own = write_run(folder.path(), config, "own");
  ASSERT_EQ(wait_for(start({"run", shared})), 0);
  const auto messages = folder / "messages";
  const pid_t a = start({"run", shared, "--resume", "--steps", "10"}, {process_of_two(0)});
  const pid_t b = start({"run", own, "--resume", "--steps", "10"}, {process_of_two(1), messages.string()});
  EXPECT_EQ(wait_for(b), 1);
  EXPECT_EQ(wait_for(a), 1);
  EXPECT_NE(text_of(messages).find("process 1 of 2: " + (folder / "own" / "checkpoints").string() +
                                   ": no checkpoint that can be read; all processes of a run, on any machine, need the "
                                   "same output folder"),
            std::string::npos)
      << text_of(messages);
}

// Without it they end with one error as well.
TEST(Program, ManyProcessesWithoutGlooAreRefused) {
  if (kProgramHasGloo) GTEST_SKIP() << "built with gloo";
  testing::ScratchFolder folder;
  const auto messages = folder / "messages";
  EXPECT_EQ(wait_for(start({"run", write_run(folder.path(), program_run(folder.path()), "pair")},
                           {process_of_two(0), messages.string()})),
            1);
  EXPECT_NE(text_of(messages).find("without gloo"), std::string::npos) << text_of(messages);
}

TEST(Program, AKilledWorkerEndsTheOtherWithOneErrorAndTheRunGoesOn) {
  if (!kProgramHasGloo) GTEST_SKIP() << "built without gloo";
  testing::ScratchFolder folder;
  auto config = program_run(folder.path());
  config.steps = config.rate.total_steps = 100000;
  config.keep_checkpoints = 2;
  const auto file = write_run(folder.path(), config, "pair");
  const auto messages = folder / "messages";
  const pid_t a = start({"run", file}, {process_of_two(0), messages.string()});
  const pid_t b = start({"run", file}, {process_of_two(1)});
  const auto log = folder / "pair" / "checkpoints" / "step-000000005.safetensors";
  int status = 0;
  for (int i = 0; i < 12000 && !std::filesystem::exists(log); ++i) {
    if (waitpid(a, &status, WNOHANG) == a) {
      wait_for(b);
      FAIL() << "ended before its first checkpoint: " << text_of(messages);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_EQ(kill(b, SIGKILL), 0);
  EXPECT_EQ(wait_for(b), -SIGKILL);
  EXPECT_EQ(wait_for(a), 1);
  const std::string text = text_of(messages);
  EXPECT_NE(text.find("another process of the run is gone"), std::string::npos) << text;
  EXPECT_EQ(text.find("frame #"), std::string::npos) << text;                // libtorch's call stack
  EXPECT_EQ(wait_for(start({"run", file, "--resume", "--steps", "1"})), 0);  // alone, from the checkpoint
}

TEST(Program, AFullDiskKeepsTheLastCheckpoint) {
  testing::ScratchFolder folder;
  auto config = program_run(folder.path());
  config.steps = 5;
  const auto file = write_run(folder.path(), config, "run");
  ASSERT_EQ(wait_for(start({"run", file})), 0);
  const auto checkpoint = folder / "run" / "checkpoints" / "step-000000005.safetensors";
  const std::string before = text_of(checkpoint);
  const auto messages = folder / "messages";
  EXPECT_EQ(wait_for(start({"run", file, "--resume", "--steps", "20"},
                           {{}, messages.string(), static_cast<rlim_t>(before.size() / 2)})),
            1);
  const std::string text = text_of(messages);
  EXPECT_NE(text.find("step-000000010.safetensors: cannot write"), std::string::npos) << text;
  EXPECT_EQ(text_of(checkpoint), before);
  const std::filesystem::directory_iterator files(checkpoint.parent_path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);  // nothing half-written stays
  EXPECT_EQ(wait_for(start({"run", file, "--resume", "--steps", "20"})), 0);
}

TEST(Program, AModelIsOverwrittenWithForceOnly) {
  testing::ScratchFolder folder;
  const auto model = testing::tiny_model();
  Parameters parameters(network_shape_of(model), at::kCPU, at::kFloat);
  const auto write = [&](const char* name, std::uint64_t seed) {
    parameters.initialise(seed);
    write_model(folder / name, model, parameters.named(parameters.master()), name);
  };
  write("from", 1);
  write("there", 2);
  const auto from = (folder / "from").string(), there = (folder / "there").string();
  const auto weights = folder / "there" / "model.safetensors", messages = folder / "messages";
  const std::string before = text_of(weights);
  for (const auto& command : {std::vector<std::string>{"export", from, there}, {"average", from, "--output", there}}) {
    EXPECT_EQ(wait_for(start(command, {{}, messages.string()})), 1);
    EXPECT_EQ(text_of(messages),
              "pop2piano-train: " + weights.string() + ": exists; use --force to overwrite the model\n");
    EXPECT_EQ(text_of(weights), before);
    auto forced = command;
    forced.emplace_back("--force");
    EXPECT_EQ(wait_for(start(forced)), 0);
    EXPECT_TRUE(at::equal(read_weights(there).at("lm_head.weight"), read_weights(from).at("lm_head.weight")));
    write("there", 2);
  }
}

TEST(Program, WrongConfigIsAUsageError) {
  testing::ScratchFolder folder;
  write_file(folder / "run.json", std::string_view(R"({"stpes": 5})"));
  EXPECT_EQ(wait_for(start({"run", (folder / "run.json").string()})), 2);
  EXPECT_EQ(wait_for(start({"run", (folder / "absent.json").string()})), 1);
}

}  // namespace
}  // namespace pop2piano::training
