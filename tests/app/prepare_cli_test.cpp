// SPDX-License-Identifier: MIT
// `pop2piano prepare` as a user runs it: a list becomes records, the states are counted, a page is written.
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/output_file.h"
#include "program.h"
#include "scratch_folder.h"

namespace pop2piano::testing {
namespace {

using nlohmann::json;

class PrepareCli : public ::testing::Test {
 protected:
  Outcome run(const std::vector<std::string>& arguments) {
    return run_program(arguments, {.working_folder = folder_.path()});
  }
  json last_event(const Outcome& outcome) {
    const std::string text = outcome.out.substr(0, outcome.out.size() - 1);
    return json::parse(text.substr(text.rfind('\n') == text.npos ? 0 : text.rfind('\n') + 1));
  }

  const ScratchFolder folder_;
};

TEST_F(PrepareCli, AListBecomesRecords) {
  std::filesystem::copy_file(POP2PIANO_SOURCE_DIR "/examples/song/example_song.ogg", folder_ / "song.ogg");
  ASSERT_EQ(run({"cover", "song.ogg", "-o", "cover.mid"}).exit_code, 0);
  // A downloader that has one video and has lost another.
  write_file(folder_ / "fake",
             std::string_view("#!/bin/sh\nfor last; do :; done\ncase $last in *lost) echo 'ERROR: "
                              "Video unavailable'; exit 1;; esac\ncp ../../../../song.ogg sound.ogg\n"));
  std::filesystem::permissions(folder_ / "fake", std::filesystem::perms::owner_all);
  write_file(folder_ / "list.tsv", std::string_view("https://example.org/song\tcover.mid\r\n"
                                                    "https://example.org/lost\tcover.mid\r\n"));
  const std::vector<std::string> options = {"list.tsv", "-o",         "out", "--downloader", "./fake", "--pause",
                                            "0",        "--shortest", "10"};
  std::vector<std::string> words = {"prepare", "download"};
  words.insert(words.end(), options.begin(), options.end());
  const Outcome downloaded = run(words);
  ASSERT_EQ(downloaded.exit_code, 0) << downloaded.err << downloaded.out;
  EXPECT_NE(downloaded.out.find("Video unavailable"), std::string::npos) << downloaded.out;
  words.erase(words.begin() + 1);
  words.push_back("--json");
  const Outcome made = run(words);
  ASSERT_EQ(made.exit_code, 0) << made.err << made.out;
  EXPECT_EQ(last_event(made).at("done"), 1) << made.out;
  EXPECT_EQ(last_event(made).at("dropped"), 1);
  EXPECT_EQ(run({"dataset", "verify", "out/records"}).exit_code, 0);
  const json status = last_event(run({"prepare", "status", "out", "--json"}));
  EXPECT_EQ(status.at("pairs"), 2);
  EXPECT_EQ(status.at("records"), 1);
  EXPECT_EQ(status.at("dropped").at("gone"), 1);
  EXPECT_EQ(run({"prepare", "report", "out"}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "out" / "report.html"));
}

TEST_F(PrepareCli, FaultsAreOneLine) {
  EXPECT_EQ(run({"prepare"}).exit_code, 2);
  EXPECT_EQ(run({"prepare", "list.tsv"}).exit_code, 2);
  EXPECT_EQ(run({"prepare", "none.tsv", "-o", "out"}).exit_code, 1);
  EXPECT_EQ(run({"prepare", "none.tsv", "-o", "out", "--part", "3/2"}).exit_code, 2);
  EXPECT_EQ(run({"prepare", "none.tsv", "-o", "out", "--part", "x"}).exit_code, 2);
  const Outcome none = run({"prepare", "status", "nowhere"});
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_EQ(line_count(none.err), 1U) << none.err;
  write_file(folder_ / "list.tsv", std::string_view("none.ogg\tnone.mid\n"));
  const Outcome nothing = run({"prepare", "list.tsv", "-o", "out"});
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_NE(nothing.err.find("prepare status out"), std::string::npos) << nothing.err;
}

}  // namespace
}  // namespace pop2piano::testing
