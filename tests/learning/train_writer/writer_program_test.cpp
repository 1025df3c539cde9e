// SPDX-License-Identifier: MIT
// The writer's commands, started as a user starts them: songs from a corpus, a short run, measuring; and bad input.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "learning/records/tiny_corpus.h"
#include "learning/train/small_runs.h"
#include "learning/train_writer/tiny_writer.h"
#include "music/scorefiles/midi_file.h"
#include "scratch_folder.h"

namespace pop2piano::training {
namespace {

namespace fs = std::filesystem;

int run_program(const std::vector<std::string>& arguments) {
  return testing::wait_for(testing::start_program(arguments));
}

class WriterProgram : public ::testing::Test {
 protected:
  WriterProgram() {
    for (const int number : {1, 2, 13}) testing::write_tiny_song(folder_ / "corpus", number);
    fs::create_directories(folder_ / "architecture");
    write_file(folder_ / "architecture" / "config.json", write_config(testing::tiny_writer()));
    write_file(folder_ / "run.json", R"({"output": ")" + path("run") + R"(", "architecture": ")" +
                                         path("architecture") +
                                         R"(", "device": "cpu", "threads": 1, "steps": 40, "batch": 4,
      "data": {"records": [")" + path("songs") +
                                         R"("], "loader_threads": 0},
      "optimiser": {"peak_rate": 5e-3, "warmup_steps": 5, "average_decay": 0.5},
      "validation": {"every": 40, "segments": 4, "decoded": 0}, "checkpoint": {"every": 40}})");
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }

  testing::ScratchFolder folder_;
};

TEST_F(WriterProgram, FromACorpusToMeasuredCovers) {
  ASSERT_EQ(run_program({"writer-songs", path("corpus"), path("songs"), "--threads", "2"}), 0);
  EXPECT_TRUE(fs::exists(folder_ / "songs" / "pop909.p2pd"));
  ASSERT_EQ(run_program({"run", path("run.json")}), 0);
  ASSERT_EQ(run_program({"writer-measure", path("run/last"), path("songs"), "--wrong-chords", "0,0.5", "--output",
                         path("covers"), "--humans-plan"}),
            0);
  const fs::path song = folder_ / "covers" / "wrong-50" / "pop909_013";
  std::ifstream beats(song / "beats.txt");
  double time = 0;
  int number = 0;
  ASSERT_TRUE(beats >> time >> number);
  EXPECT_EQ(number, 1);
  // Melody and pianist are those of the corpus: 60 notes on quarters, three to each of 64 beats.
  EXPECT_EQ(timed_notes(read_midi_file(song / "human.mid")).size(), 60U + 3U * 64U);
  const auto ours = timed_notes(read_midi_file(song / "ours.mid"));
  EXPECT_EQ(std::count_if(ours.begin(), ours.end(), [](const TimedNote& n) { return n.track == 1; }), 60);
  EXPECT_GT(ours.size(), 60U);
}

TEST_F(WriterProgram, FiguresAreMadeOnceAndOverwrittenOnlyWhenAsked) {
  ASSERT_EQ(run_program({"writer-songs", path("corpus"), path("songs")}), 0);
  const std::vector<std::string> figures = {"figures",    path("songs"), "--split",
                                            "validation", "--output",    path("figures.safetensors")};
  ASSERT_EQ(run_program(figures), 0);
  const auto written = fs::last_write_time(folder_ / "figures.safetensors");
  EXPECT_GT(fs::file_size(folder_ / "figures.safetensors"), 3U * 64U * 3U);  // three notes of three bytes to a beat
  EXPECT_EQ(run_program(figures), 1);
  EXPECT_EQ(fs::last_write_time(folder_ / "figures.safetensors"), written);
  std::vector<std::string> again = figures;
  again.emplace_back("--force");
  EXPECT_EQ(run_program(again), 0);
}

TEST_F(WriterProgram, BadInputIsOneErrorEach) {
  EXPECT_EQ(run_program({"writer-songs", path("absent"), path("songs")}), 1);
  EXPECT_EQ(run_program({"figures", path("absent"), "--output", path("figures.safetensors")}), 1);
  fs::create_directories(folder_ / "empty");
  EXPECT_EQ(run_program({"writer-songs", path("empty"), path("songs")}), 1);
  EXPECT_EQ(run_program({"writer-measure", path("absent"), path("songs")}), 1);
  ASSERT_EQ(run_program({"writer-songs", path("corpus"), path("songs")}), 0);
  const std::string listener = std::string(POP2PIANO_SOURCE_DIR) + "/models/default";
  EXPECT_EQ(run_program({"writer-measure", listener, path("songs")}), 1);
  EXPECT_EQ(run_program({"writer-measure", listener, path("songs"), "--wrong-chords", "2"}), 2);
  EXPECT_EQ(run_program({"writer-measure", listener, path("songs"), "--split", "all"}), 2);
  // A network that listens cannot learn from songs without sound.
  write_file(folder_ / "listener.json", R"({"output": ")" + path("listener") + R"(", "architecture": ")" + listener +
                                            R"(", "steps": 1, "data": {"records": [")" + path("songs") + R"("]}})");
  EXPECT_EQ(run_program({"run", path("listener.json")}), 1);
}

}  // namespace
}  // namespace pop2piano::training
