// SPDX-License-Identifier: MIT
// Which beats and chords the measures of texture of a cover are taken by. The measures themselves: metrics/texture.
#include "judging/evaluate/texture_evaluation.h"

#include <pop2piano/error.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "judging/evaluate/annotation_files.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(POP2PIANO_TEST_DATA) / "texture";

CoverEvaluation evaluate(const CoverQuery& query) {
  CoverEvaluation result;
  result.measures.resize(cover_measures().size());
  evaluate_texture(query, read_note_file(query.cover).notes, result);
  return result;
}

class Texture : public ::testing::Test {
 protected:
  Texture() {
    std::filesystem::copy_file(kFolder / "001.mid", folder_ / "cover.mid");
    std::ifstream lines(kFolder / "001.beats");  // time, 1 on downbeats, bass
    std::string beats;
    double time = 0;
    for (int one = 0, bass = 0, k = 0; lines >> time >> one >> bass; ++k) {
      beats += std::to_string(time) + " " + std::to_string(k % 4 + 1) + "\n";
    }
    write_file(folder_ / "song.beats", beats);
  }

  void write_report(const std::string& text) { write_file(folder_ / "cover.json", text); }
  [[nodiscard]] std::string beats_as_json() const {
    std::string list;
    for (int k = 0; k < 200; ++k) {
      list += (k > 0 ? "," : "") + std::string(R"({"time": )") + std::to_string(0.5 * k) + R"(, "number": )" +
              std::to_string(k % 4 + 1) + "}";
    }
    return R"({"beats": [)" + list + "]}";
  }
  [[nodiscard]] CoverQuery query() const { return {.cover = folder_ / "cover.mid"}; }

  testing::ScratchFolder folder_;
};

TEST_F(Texture, BeatsOfTheQueryThenOfTheReportThenTheFilesOwn) {
  EXPECT_NE(evaluate(query()).measure("holes").reason().find("no beats are given"), std::string::npos);
  CoverQuery own = query();
  own.own_beats = true;
  EXPECT_TRUE(evaluate(own).measure("continuity").defined());
  write_report(beats_as_json());
  const CoverEvaluation by_report = evaluate(query());
  ASSERT_TRUE(by_report.measure("continuity").defined());
  CoverQuery given = query();
  given.beats = folder_ / "song.beats";
  EXPECT_NE(evaluate(given).measure("continuity").value(), by_report.measure("continuity").value());
  EXPECT_EQ(evaluate(own).measure("continuity").value(), by_report.measure("continuity").value());
}

TEST_F(Texture, AReportThatIsNoneIsNotUsed) {
  for (const char* text : {"", "{", "[1, 2]", R"({"beats": 3})", R"({"beats": [{"time": "x", "number": 1}, 2]})",
                           R"({"beats": [{"time": 2.0, "number": 1}, {"time": 1.0, "number": 2}]})",
                           R"({"beats": [{"time": 1.0, "number": 1}, {"time": 1e400, "number": 2}]})"}) {
    write_report(text);
    const CoverEvaluation result = evaluate(query());
    EXPECT_FALSE(result.measure("holes").defined()) << text;
    ASSERT_EQ(result.remarks.size(), 1U) << text;
    EXPECT_NE(result.remarks[0].find("cover.json"), std::string::npos);
  }
}

TEST_F(Texture, TheBassIsThatOfTheChordsLabel) {
  CoverQuery asked = query();
  asked.beats = folder_ / "song.beats";
  EXPECT_EQ(evaluate(asked).measure("bass_right").reason(), "no chords are given");
  std::vector<double> right;
  double sum = 0;
  for (const char* root : {"C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"}) {
    write_file(folder_ / "song.lab", "0 1000 " + std::string(root) + ":maj\n");
    asked.chords = folder_ / "song.lab";
    right.push_back(evaluate(asked).measure("bass_right").value());
    sum += right.back();
  }
  EXPECT_NEAR(sum, 1.0, 1e-9);  // the lowest note is one of them
  write_file(folder_ / "song.lab", "0 1000 C:maj/3\n");
  EXPECT_EQ(evaluate(asked).measure("bass_right").value(), right[4]);
  write_file(folder_ / "song.lab", "0 1000 N\n");
  EXPECT_FALSE(evaluate(asked).measure("bass_right").defined());
}

TEST_F(Texture, FilesThatTheQueryNamesMustBeThere) {
  CoverQuery asked = query();
  asked.beats = folder_ / "none.txt";
  EXPECT_THROW(evaluate(asked), Error);
  asked = query();
  asked.beats = folder_ / "song.beats";
  asked.chords = folder_ / "none.lab";
  EXPECT_THROW(evaluate(asked), Error);
}

}  // namespace
}  // namespace pop2piano
