// SPDX-License-Identifier: MIT
// docs/reference/report.schema.json against reports as the program writes them.
#include <fstream>

#include <gtest/gtest.h>

#include "json_schema.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

using Json = nlohmann::json;

const std::string kClip = POP2PIANO_TEST_DATA "/seed/clip.wav";

const Json& schema() {
  static const Json value = Json::parse(bytes_of(POP2PIANO_SOURCE_DIR "/docs/reference/report.schema.json"));
  return value;
}

class ReportSchema : public ::testing::Test {
 protected:
  /// Runs the program in the folder; the report that it wrote.
  [[nodiscard]] Json report(const std::vector<std::string>& words, const std::string& file) const {
    const Outcome outcome = run_program(words, {.working_folder = folder_.path()});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return Json::parse(std::ifstream(folder_ / file));
  }
  const ScratchFolder folder_;
};

TEST_F(ReportSchema, ReportsAreAsDescribed) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> runs{
      {{"cover", kClip, "-o", "easy", "--level", "easy", "--key", "easy", "--keep-analysis"}, "easy/clip.piano.json"},
      {{"cover", "easy/clip.analysis", "-o", "kept.json", "--style", "A=dense-chords", "--velocity", "60", "--downbeat",
        "2"},
       "kept.json"},
      {{"cover", kClip, "-o", "ear.json", "--accompaniment", "audio", "--beats", "beats"}, "ear.json"},
      {{"arrange", "easy/clip.piano.mid", "-o", "arranged.json", "--level", "easy"}, "arranged.json"},
      {{"arrange", "easy/clip.piano.mid", "-o", "over.json", "--song", kClip}, "over.json"}};
  const Outcome beats = run_program({"beats", kClip}, {.working_folder = folder_.path()});
  std::ofstream(folder_ / "beats") << beats.out;
  for (const auto& [words, file] : runs) EXPECT_EQ(misfit(report(words, file), schema(), schema(), file), "") << file;
}

TEST_F(ReportSchema, TheCheckItselfSeesMisfits) {
  const Json good = report({"cover", kClip, "-o", "a.json"}, "a.json");
  EXPECT_EQ(misfit(good, schema(), schema(), "a"), "");
  for (const auto& [place, value] :
       {std::pair("/notes/0/pitch", Json(128)), std::pair("/notes/0/hand", Json("third")), std::pair("/more", Json(1)),
        std::pair("/options/seed", Json(nullptr)), std::pair("/beats/0/time", Json("0"))}) {
    Json bad = good;
    bad[Json::json_pointer(place)] = value;
    EXPECT_NE(misfit(bad, schema(), schema(), "a"), "") << place;
  }
  Json bad = good;
  bad.erase("tempo");
  EXPECT_NE(misfit(bad, schema(), schema(), "a"), "");
}

}  // namespace
}  // namespace pop2piano::testing
