// SPDX-License-Identifier: MIT
// `pop2piano evaluate` as a user runs it: every subcommand, its JSON, its errors.
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/output_file.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

using nlohmann::json;

const std::string kClip = POP2PIANO_TEST_DATA "/seed/clip.wav";

class EvaluateCli : public ::testing::Test {
 protected:
  Outcome evaluate(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "evaluate");
    return run_program(arguments, {.working_folder = folder_.path()});
  }
  json result(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    const Outcome outcome = evaluate(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  }
  void make_cover() { ASSERT_EQ(run_program({"cover", kClip, "-o", folder_ / "cover.mid", "-q"}).exit_code, 0); }

  const ScratchFolder folder_;
};

TEST_F(EvaluateCli, BeatsChordsAndMelodiesAgreeWithThemselvesOnly) {
  write_file(folder_ / "a.beats", "6.0 1\n6.5 2\n7.0 3\n7.5 4\n8.0 1\n8.5 2\n9.0 3\n9.5 4\n10.0 1\n");
  write_file(folder_ / "b.beats", "6.25 1\n6.75 2\n7.25 3\n7.75 4\n8.25 1\n8.75 2\n9.25 3\n9.75 4\n");
  EXPECT_EQ(result({"beats", "a.beats", "a.beats"}).at("f_measure"), 1.0);
  EXPECT_EQ(result({"beats", "a.beats", "b.beats"}).at("f_measure"), 0.0);
  write_file(folder_ / "a.lab", "0 2 C:maj\n2 4 G:maj\n");
  write_file(folder_ / "b.lab", "0 2 C:maj\n2 4 G:min\n");
  EXPECT_EQ(result({"chords", "a.lab", "b.lab"}).at("majmin"), 0.5);
  EXPECT_EQ(result({"chords", "a.lab", "b.lab"}).at("root"), 1.0);
  write_file(folder_ / "a.csv", "0.0,220\n0.1,220\n0.2,220\n0.3,0\n");
  write_file(folder_ / "b.csv", "0.0,440\n0.1,440\n0.2,220\n0.3,0\n");
  EXPECT_NEAR(result({"melody", "a.csv", "b.csv"}).at("raw_pitch_accuracy").get<double>(), 1.0 / 3, 1e-9);
  EXPECT_EQ(result({"melody", "a.csv", "b.csv"}).at("raw_chroma_accuracy"), 1.0);
}

TEST_F(EvaluateCli, ACoverIsMeasuredAgainstItsSong) {
  make_cover();
  EXPECT_EQ(result({"notes", "cover.mid", "cover.mid"}).at("note_with_offset_f"), 1.0);
  const json found = result({"cover", kClip, "cover.mid"});
  EXPECT_GT(found.at("mca").get<double>(), 0.3);
  EXPECT_EQ(found.at("unplayable_share"), 0.0);
  EXPECT_EQ(evaluate({"cover", kClip, "cover.mid", "--html", "page.html", "--csv", "table.csv"}).exit_code, 0);
  EXPECT_NE(bytes_of(folder_ / "page.html").find("<svg"), std::string::npos);
  EXPECT_EQ(line_count(bytes_of(folder_ / "table.csv")), 2U);
  EXPECT_NE(evaluate({"cover", kClip, "cover.mid", "--html", "page.html"}).exit_code, 0);  // it is there already
}

TEST_F(EvaluateCli, ASetGoesOnAfterABadCoverAndFailsAtTheEnd) {
  make_cover();
  write_file(folder_ / "set.tsv", "song\tcover\tgroup\n\tcover.mid\tours\n\tmissing.mid\tours\n");
  const Outcome outcome = evaluate({"set", "set.tsv", "--json"});
  EXPECT_EQ(outcome.exit_code, 1);
  const json found = json::parse(outcome.out.substr(0, outcome.out.find('\n')));
  EXPECT_EQ(found.at("songs").size(), 2U);
  EXPECT_EQ(found.at("failed"), 1);
  EXPECT_TRUE(found.at("songs")[0].at("rgc").is_number());  // needs no song
  EXPECT_TRUE(found.at("songs")[0].at("mca").is_null());
  EXPECT_NE(found.at("songs")[1].at("error").get<std::string>().find("missing.mid"), std::string::npos);
}

TEST_F(EvaluateCli, BadInputIsOneLineThatNamesTheFile) {
  write_file(folder_ / "back.beats", "1.0\n0.5\n");
  write_file(folder_ / "columns.tsv", "tune\tpiece\na\tb\n");
  write_file(folder_ / "broken.mid", "MThd no more");
  for (const auto& [arguments, words] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"beats", "back.beats", "back.beats"}, "back.beats"},
           {{"set", "columns.tsv"}, "columns.tsv"},
           {{"notes", "broken.mid", "broken.mid"}, "broken.mid"},
           {{"melody", "none.csv", "none.csv"}, "none.csv"}}) {
    const Outcome outcome = evaluate(arguments);
    EXPECT_EQ(outcome.exit_code, 1) << words;
    EXPECT_NE(outcome.err.find(words), std::string::npos) << outcome.err;
    EXPECT_EQ(line_count(outcome.err), 1U) << outcome.err;
  }
}

}  // namespace
}  // namespace pop2piano::testing
