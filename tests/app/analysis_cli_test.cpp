// SPDX-License-Identifier: MIT
// `pop2piano analyse` and covers from what it kept, as a user runs them.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/output_file.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_file.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kClip = POP2PIANO_TEST_DATA "/seed/clip.wav";

class AnalysisCli : public ::testing::Test {
 protected:
  Outcome run(const std::vector<std::string>& arguments, RunOptions options = {}) const {
    options.working_folder = folder_.path();
    return run_program(arguments, options);
  }
  void expect_failure(const Outcome& outcome, int code, const std::string& words) const {
    EXPECT_EQ(outcome.exit_code, code) << outcome.err;
    EXPECT_NE(outcome.err.find(words), std::string::npos) << outcome.err;
    EXPECT_EQ(line_count(outcome.err), 1U) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
  [[nodiscard]] json report(const std::string& name) const { return json::parse(std::ifstream(folder_ / name)); }

  const ScratchFolder folder_;
};

TEST_F(AnalysisCli, CoversFromWhatWasKeptAreTheSame) {
  const Outcome kept = run({"analyse", kClip});
  ASSERT_EQ(kept.exit_code, 0) << kept.err;
  EXPECT_NE(kept.out.find("beats per minute"), std::string::npos) << kept.out;
  ASSERT_TRUE(fs::exists(folder_ / "clip.analysis"));
  const std::string kinds = "midi,musicxml,json";
  for (const std::vector<std::string>& options :
       {std::vector<std::string>{}, {"--style", "dense-chords", "--level", "easy", "--key", "easy"}}) {
    std::vector<std::string> direct = {"cover", kClip, "-o", "direct/a.mid", "--only", kinds, "--force"};
    std::vector<std::string> indirect = {"cover", "clip.analysis", "-o", "kept/a.mid", "--only", kinds, "--force"};
    direct.insert(direct.end(), options.begin(), options.end());
    indirect.insert(indirect.end(), options.begin(), options.end());
    ASSERT_EQ(run(direct).exit_code, 0);
    const Outcome outcome = run(indirect);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(bytes_of(folder_ / "direct/a.mid"), bytes_of(folder_ / "kept/a.mid"));
    EXPECT_EQ(bytes_of(folder_ / "direct/a.musicxml"), bytes_of(folder_ / "kept/a.musicxml"));
    json from_kept = report("kept/a.json");
    EXPECT_EQ(from_kept.at("song").at("analysis"), "clip.analysis");
    from_kept.at("song").erase("analysis");
    EXPECT_EQ(from_kept, report("direct/a.json"));
  }
}

TEST_F(AnalysisCli, CoverKeepsWhatItHeard) {
  ASSERT_EQ(run({"cover", kClip, "-o", "a", "--only", "midi", "--keep-analysis", "--melody-weight", "0"}).exit_code, 0);
  ASSERT_EQ(run({"analyse", kClip, "-o", "b/other.analysis"}).exit_code, 0);
  EXPECT_EQ(bytes_of(folder_ / "a/clip.analysis"), bytes_of(folder_ / "b/other.analysis"));
  const Outcome all = run({"cover", kClip, "-o", "c", "--only", "midi,analysis", "--style", "all"});
  ASSERT_EQ(all.exit_code, 0) << all.err;
  EXPECT_TRUE(fs::exists(folder_ / "c/clip.analysis"));
  EXPECT_TRUE(fs::exists(folder_ / "c/clip.piano.sparse-chords.mid"));
  expect_failure(run({"cover", kClip, "-o", "c", "--only", "analysis"}), 1, "clip.analysis: exists; use --force");
}

TEST_F(AnalysisCli, HoldsTheExcerptAndTheBeatsThatWereAskedFor) {
  ASSERT_EQ(run({"analyse", kClip, "--start", "2", "--end", "12", "--tempo-times", "2"}).exit_code, 0);
  ASSERT_EQ(run({"cover", "clip.analysis", "-o", "kept.json"}).exit_code, 0);
  ASSERT_EQ(run({"cover", kClip, "-o", "direct.json", "--start", "2", "--end", "12", "--tempo-times", "2"}).exit_code,
            0);
  EXPECT_EQ(report("kept.json").at("options"), report("direct.json").at("options"));
  EXPECT_EQ(report("kept.json").at("notes"), report("direct.json").at("notes"));
}

TEST_F(AnalysisCli, WhatNeedsTheSoundIsRefused) {
  ASSERT_EQ(run({"analyse", kClip}).exit_code, 0);
  for (const char* option : {"--start", "--end", "--tempo-times"}) {
    expect_failure(run({"cover", "clip.analysis", "-o", "a.mid", option, "2"}), 2,
                   std::string("clip.analysis: ") + option + " needs the recording");
  }
  expect_failure(run({"cover", "clip.analysis", "-o", "a.mix.wav"}), 2, "the mix needs the recording");
  expect_failure(run({"cover", "clip.analysis", "--only", "midi,mix"}), 2, "name it with --song");
  expect_failure(run({"cover", kClip, "--song", kClip, "-o", "a.mid"}), 2, "--song");
  EXPECT_FALSE(fs::exists(folder_ / "a.mid"));
}

TEST_F(AnalysisCli, AlternativesAreKeptAndTaken) {
  ASSERT_EQ(run({"analyse", kClip}).exit_code, 0);
  const Outcome heard = run({"beats", kClip, "--alternatives"});
  ASSERT_EQ(heard.exit_code, 0) << heard.err;
  EXPECT_EQ(run({"beats", "clip.analysis", "--alternatives"}).out, heard.out);
  for (const char* option : {"--tempo-times 1 ", "--metre 3 ", "--downbeat 2 "}) {
    EXPECT_NE(heard.out.find(option), std::string::npos) << option << heard.out;
  }
  expect_failure(run({"beats", "clip.analysis", "--click", "a.wav"}), 2, "--click needs the recording");
  for (const std::vector<std::string>& option :
       {std::vector<std::string>{"--downbeat", "2"}, {"--metre", "3", "--downbeat", "3"}}) {
    std::vector<std::string> kept = {"beats", "clip.analysis"};
    std::vector<std::string> cover = {"cover", "clip.analysis", "-o", "again.json", "--force"};
    for (auto* command : {&kept, &cover}) command->insert(command->end(), option.begin(), option.end());
    const Outcome counted = run(kept);
    ASSERT_EQ(counted.exit_code, 0) << counted.err;
    ASSERT_EQ(run(cover).exit_code, 0);
    const json again = report("again.json");
    const int downbeat = std::stoi(option.back());
    EXPECT_EQ(again.at("options").at("downbeat"), downbeat);
    bool taken = false;
    for (const json& answer : again.at("answers")) {
      taken = taken || (answer.at("question") == "downbeat" && answer.at("downbeat") == downbeat && answer.at("taken"));
    }
    EXPECT_TRUE(taken) << again.at("answers");
  }
}

TEST_F(AnalysisCli, OtherModelsAndOtherRecordingsAreSaid) {
  ASSERT_EQ(run({"analyse", kClip}).exit_code, 0);
  write_float_wav(folder_ / "other.wav", std::vector<float>(22050, 0.1F), 22050, 1);
  expect_failure(run({"cover", "clip.analysis", "--song", "other.wav", "-o", "a.mid"}), 2,
                 "other.wav: is not the sound that was analysed");
  const std::string published = POP2PIANO_TEST_DATA "/golden/tiny/hf_safetensors";
  expect_failure(run({"cover", "clip.analysis", "--model", published, "--style", "composer1", "-o", "a.mid"}), 2,
                 "analysed for another kind of model");
  ASSERT_EQ(run({"analyse", kClip, "--model", published, "-o", "published.analysis"}).exit_code, 0);
  expect_failure(run({"cover", "published.analysis", "-o", "a.mid"}), 2, "analysed for another kind of model");
}

TEST_F(AnalysisCli, DamagedFilesGiveOneLine) {
  ASSERT_EQ(run({"analyse", kClip}).exit_code, 0);
  const std::string whole = bytes_of(folder_ / "clip.analysis");
  const auto with = [&](const std::string& bytes) {
    write_file(folder_ / "bad.analysis", bytes);
    return run({"cover", "bad.analysis", "-o", "a.mid"});
  };
  expect_failure(with(whole.substr(0, 20)), 1, "bad.analysis: a kept analysis is cut off");
  expect_failure(with(whole.substr(0, whole.size() / 2)), 1, "bad.analysis: a kept analysis of");
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(~flipped[whole.size() / 2]);
  expect_failure(with(flipped), 1, "bad.analysis: a kept analysis is damaged");
  std::string newer = whole;
  newer[8] = 9;
  expect_failure(with(newer), 1, "version 3 of a kept analysis expected, 9 found");
  expect_failure(with("not a song either"), 1, "bad.analysis");
  EXPECT_FALSE(fs::exists(folder_ / "a.mid"));
}

TEST_F(AnalysisCli, BadSongsLeaveNoFile) {
  write_float_wav(folder_ / "silence.wav", std::vector<float>(22050 * 3), 22050, 1);
  expect_failure(run({"analyse", "silence.wav"}), 1, "silence.wav: no beats found");
  expect_failure(run({"analyse", "missing.wav"}), 1, "missing.wav");
  EXPECT_FALSE(fs::exists(folder_ / "silence.analysis"));
  EXPECT_FALSE(fs::exists(folder_ / "missing.analysis"));
}

}  // namespace
}  // namespace pop2piano::testing
