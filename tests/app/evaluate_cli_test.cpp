// SPDX-License-Identifier: MIT
// `pop2piano evaluate` as a user runs it: every subcommand, its JSON, its errors.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/output_file.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_file.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

using nlohmann::json;

const std::string kClip = POP2PIANO_TEST_DATA "/seed/clip.wav";

// A steady tone with harmonics.
std::vector<float> sung_note(double seconds) {
  std::vector<float> samples(static_cast<std::size_t>(seconds * 22050.0));
  for (std::size_t n = 0; n < samples.size(); ++n) {
    const double phase = 2.0 * std::numbers::pi * 220.0 * static_cast<double>(n) / 22050.0;
    samples[n] = static_cast<float>(0.3 * std::sin(phase) + 0.1 * std::sin(2.0 * phase));
  }
  return samples;
}

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

TEST_F(EvaluateCli, AScoreAloneIsMeasuredByItsTexture) {
  std::filesystem::copy_file(POP2PIANO_TEST_DATA "/texture/001.mid", folder_ / "score.mid");
  const json own = result({"score", "score.mid"});
  EXPECT_TRUE(own.at("continuity").is_number());
  EXPECT_TRUE(own.at("bass_right").is_null());
  write_file(folder_ / "song.lab", "0 1000 C:maj\n");
  EXPECT_TRUE(result({"score", "score.mid", "--chords", "song.lab"}).at("bass_right").is_number());
  const std::string text = evaluate({"score", "score.mid", "--html", "page.html"}).out;
  EXPECT_NE(text.find("(human 0.77)"), std::string::npos) << text;
  EXPECT_EQ(text.find("mca"), std::string::npos) << text;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "page.html"));
  EXPECT_NE(evaluate({"score", "song.lab"}).err.find("expected a MIDI file"), std::string::npos);
  EXPECT_EQ(evaluate({"score", kClip}).exit_code, 1);
  EXPECT_EQ(evaluate({"score"}).exit_code, 2);
}

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

TEST_F(EvaluateCli, TheMelodyComesFromAFileOfAnyKindOrFromTheVoice) {
  make_cover();
  write_file(folder_ / "melody.tsv", "0.5\t1.5\t60\n1.5\t2.5\t64\n");
  write_file(folder_ / "melody.csv", "0.0,0\n0.5,261.63\n1.5,329.63\n2.5,0\n");
  write_file(folder_ / "melody.f0.json", R"({"times": [0, 0.5, 1.5, 2.5], "f0": [null, 261.63, 329.63, null]})");
  for (const char* melody : {"melody.tsv", "melody.csv", "melody.f0.json", "cover.mid"}) {
    const json found = result({"cover", kClip, "cover.mid", "--melody", melody});
    EXPECT_TRUE(found.at("mca").is_number()) << melody;
    EXPECT_TRUE(found.at("notes_covered").is_number()) << melody;
  }
  EXPECT_EQ(result({"cover", kClip, "cover.mid", "--melody", "cover.mid"}).at("mca"), 1.0);
  write_float_wav(folder_ / "voice.wav", sung_note(4.0), 22050, 1);
  EXPECT_TRUE(result({"cover", kClip, "cover.mid", "--vocals", "voice.wav"}).at("mca").is_number());
}

TEST_F(EvaluateCli, ACoverMayBeASound) {
  const json found = result({"cover", kClip, kClip});
  EXPECT_EQ(found.at("chord_majmin"), 1.0);
  EXPECT_NEAR(found.at("offset_ms").get<double>(), 0.0, 1e-6);
  EXPECT_TRUE(found.at("mca").is_null());
  EXPECT_EQ(found.at("undefined").at("rgc"), "the cover is a sound file, without notes");
}

TEST_F(EvaluateCli, NotesAreBrokenDownByPitchClassAndOctave) {
  make_cover();
  const json found = result({"notes", "cover.mid", "cover.mid"});
  std::size_t classes = 0, octaves = 0;
  for (const char* name : {"c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b"}) {
    classes += found.at("note_f_" + std::string(name)).is_number();
  }
  for (int octave = 0; octave < 8; ++octave) {
    octaves += found.at("note_f_octave_" + std::to_string(octave)).is_number();
  }
  EXPECT_GE(classes, 3U);
  EXPECT_GE(octaves, 2U);
}

TEST_F(EvaluateCli, ASetGivesMeansIntervalsTablesAndAReport) {
  make_cover();
  write_file(folder_ / "set.tsv",
             "song\tcover\tgroup\n" + kClip + "\tcover.mid\tours\n" + kClip + "\tcover.mid\tsame\n");
  const json found = result({"set", "set.tsv", "--csv", "figures.csv", "--html", "report.html"});
  for (const char* name : {"mca", "rgc", "ipe", "wpd"}) EXPECT_TRUE(found.at("mean").contains(name)) << name;
  EXPECT_EQ(found.at("songs").size(), 2U);
  EXPECT_EQ(found.at("mean").at("mca"), found.at("songs")[0].at("mca"));
  EXPECT_EQ(found.at("interval").at("mca").size(), 2U);
  EXPECT_EQ(found.at("groups").at("ours").at("mean").at("mca"), found.at("groups").at("same").at("mean").at("mca"));
  EXPECT_EQ(found.at("comparisons")[0].at("mean_difference"), 0.0);
  EXPECT_EQ(line_count(bytes_of(folder_ / "figures.csv")), 3U);
  const std::string page = bytes_of(folder_ / "report.html");
  EXPECT_EQ(page.find("http"), std::string::npos) << "the report must not need the network";
  EXPECT_NE(page.find("data:audio/wav"), std::string::npos);
}

TEST_F(EvaluateCli, AListeningTestIsMadeAndAnalysed) {
  write_float_wav(folder_ / "a.wav", sung_note(2.0), 22050, 1);
  write_float_wav(folder_ / "b.wav", sung_note(2.0), 22050, 1);
  write_file(folder_ / "set.tsv", "song\tcover\tgroup\n" + kClip + "\ta.wav\tours\n" + kClip + "\tb.wav\ttheirs\n");
  EXPECT_EQ(result({"listen", "set.tsv", "--output", "test", "--seconds", "2"}).at("clips"), 2);
  EXPECT_NE(bytes_of(folder_ / "test/index.html").find("clips/song1.wav"), std::string::npos);
  std::string answers;
  std::ifstream key(folder_ / "test/key.tsv");
  for (std::string line; std::getline(key, line);) {
    const std::string id = line.substr(0, line.find('\t'));
    if (id == "id") continue;
    EXPECT_TRUE(std::filesystem::exists(folder_ / ("test/clips/" + id + ".wav")));
    answers += "ann,mos," + id + ",," + (line.ends_with("ours") ? "4" : "2") + "\n";
  }
  write_file(folder_ / "answers.csv", answers);
  const json found = result({"listen", "analyse", "answers.csv", "--key", "test/key.tsv"});
  EXPECT_EQ(found.at("mos").at("ours").at("mean"), 4.0);
  EXPECT_EQ(found.at("mos").at("theirs").at("mean"), 2.0);
  EXPECT_EQ(evaluate({"listen", "set.tsv", "--output", "test"}).exit_code, 1);  // it is there already
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
  write_file(folder_ / "columns.tsv", "melody\tpiece\na\tb\n");
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
