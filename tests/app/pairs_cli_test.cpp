// SPDX-License-Identifier: MIT
// `pop2piano dataset pairs` as a user runs it: a song and its cover become a record, what does not fit is named.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/output_file.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

using nlohmann::json;

class PairsCli : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy_file(POP2PIANO_TEST_DATA "/seed/clip.wav", folder_ / "song.wav");
    const Outcome cover = run({"cover", "song.wav", "-o", "cover.mid"});
    ASSERT_EQ(cover.exit_code, 0) << cover.err;
  }
  Outcome run(const std::vector<std::string>& arguments) {
    return run_program(arguments, {.working_folder = folder_.path()});
  }

  const ScratchFolder folder_;
};

TEST_F(PairsCli, PairsBecomeRecordsOnce) {
  write_file(folder_ / "list.tsv", std::string_view("song.wav\tcover.mid\nsong.wav\tmissing.mid\n"));
  const Outcome made = run({"dataset", "pairs", "list.tsv", "--out", "records", "--licence", "CC0-1.0"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  EXPECT_NE(made.err.find("missing.mid"), std::string::npos) << made.err;
  const Outcome info = run({"dataset", "info", "records", "--json"});
  ASSERT_EQ(info.exit_code, 0) << info.err;
  EXPECT_EQ(json::parse(info.out).at("records"), 1);
  EXPECT_EQ(run({"dataset", "verify", "records"}).exit_code, 0);
  const auto written = std::filesystem::last_write_time(folder_ / "records" / "cover.p2pd");
  const Outcome again = run({"dataset", "pairs", "list.tsv", "--out", "records"});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(std::filesystem::last_write_time(folder_ / "records" / "cover.p2pd"), written);
}

TEST_F(PairsCli, WhatPlaysAnotherMelodyIsLeftOut) {
  write_file(folder_ / "list.tsv", std::string_view("song.wav\tcover.mid\n"));
  const Outcome none = run({"dataset", "pairs", "list.tsv", "--out", "records", "--least-agreement", "1"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_NE(none.err.find("--least-agreement"), std::string::npos) << none.err;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "records" / "cover.p2pd"));
  EXPECT_EQ(run({"dataset", "pairs", "nothing.tsv", "--out", "records"}).exit_code, 1);
}

}  // namespace
}  // namespace pop2piano::testing
