// SPDX-License-Identifier: MIT
// `pop2piano samples`: a page of what lies in a folder, whatever its titles hold.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/output_file.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

class SamplesCli : public ::testing::Test {
 protected:
  void add(const std::string& stem, const std::string& title, const std::string& style) const {
    const nlohmann::json report = {{"format", "pop2piano-cover/1"},
                                   {"program", "pop2piano 1"},
                                   {"title", title},
                                   {"style", style},
                                   {"song", {{"artist", "A & B"}}}};
    write_file(folder_ / (stem + ".json"), report.dump());
    write_file(folder_ / (stem + ".mp3"), std::string_view("sound"));
  }
  [[nodiscard]] Outcome samples(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"samples", folder_.path().string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words, {.working_folder = folder_.path()});
  }
  const ScratchFolder folder_;
};

TEST_F(SamplesCli, SongsAreRowsAndStylesColumns) {
  add("one.piano.auto", "One", "auto");
  add("one.piano.dense", "One", "dense-chords");
  add("two.piano.auto", "Two", "auto");
  write_file(folder_ / "two.piano.auto.mix.flac", std::string_view("sound"));
  write_file(folder_ / "two.piano.auto.mid", std::string_view("notes"));
  const Outcome outcome = samples();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("3 covers of 2 songs"), std::string::npos) << outcome.out;
  const std::string page = bytes_of(folder_ / "index.html");
  EXPECT_NE(page.find("<th scope=\"col\">auto</th><th scope=\"col\">dense-chords</th>"), std::string::npos);
  EXPECT_NE(page.find("src=\"./one.piano.dense.mp3\""), std::string::npos);
  EXPECT_NE(page.find("src=\"./two.piano.auto.mix.flac\""), std::string::npos);
  EXPECT_NE(page.find("href=\"./two.piano.auto.mid\""), std::string::npos);
  EXPECT_NE(page.find("</td><td></td></tr>"), std::string::npos);  // the second song has no dense cover
  EXPECT_EQ(samples().exit_code, 1);                               // it is there
  EXPECT_EQ(samples({"--force"}).exit_code, 0);
}

TEST_F(SamplesCli, TitlesAndNamesAreText) {
  add("a\"b#c?<d>", "<img src=x onerror=alert(1)> {{styles}}", "\"><script>");
  ASSERT_EQ(samples().exit_code, 0);
  const std::string page = bytes_of(folder_ / "index.html");
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_NE(page.find("&lt;img src=x onerror=alert(1)&gt; {{styles}}"), std::string::npos);
  EXPECT_NE(page.find("src=\"./a%22b%23c%3F%3Cd%3E.mp3\""), std::string::npos) << page;
  EXPECT_NE(page.find("A &amp; B"), std::string::npos);
}

TEST_F(SamplesCli, WhatIsNoCoverIsLeftOutAndNothingIsAnError) {
  EXPECT_NE(samples().err.find("no covers with sound"), std::string::npos);
  write_file(folder_ / "x.json", std::string_view("{"));
  add("one", "One", "auto");
  std::filesystem::remove(folder_ / "one.mp3");
  const Outcome outcome = samples();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("x.json: is no report of a cover"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("one.json: has no sound beside it"), std::string::npos) << outcome.err;
  EXPECT_EQ(run_program({"samples", (folder_ / "none").string()}, {.working_folder = folder_.path()}).exit_code, 1);
}

}  // namespace
}  // namespace pop2piano::testing
