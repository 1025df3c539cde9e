// SPDX-License-Identifier: MIT
// `pop2piano cover` as a user runs it: options, files, messages.
#include <fstream>
#include <sstream>

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

class CoverCli : public ::testing::Test {
 protected:
  Outcome cover(std::vector<std::string> arguments, RunOptions options = {}) {
    arguments.insert(arguments.begin(), "cover");
    if (options.working_folder.empty()) options.working_folder = folder_.path();
    return run_program(arguments, options);
  }
  [[nodiscard]] json report(const std::string& name) const { return json::parse(std::ifstream(folder_ / name)); }
  [[nodiscard]] std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_.path()), {}));
  }
  void expect_failure(const Outcome& outcome, int code, const std::string& words) const {
    EXPECT_EQ(outcome.exit_code, code) << outcome.err;
    EXPECT_NE(outcome.err.find(words), std::string::npos) << outcome.err;
    EXPECT_EQ(line_count(outcome.err), 1U) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }

  const ScratchFolder folder_;
};

TEST_F(CoverCli, WritesMidiMusicXmlAndReportNamedAfterTheSong) {
  const Outcome outcome = cover({kClip, "--only", "midi,musicxml,json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(bytes_of(folder_ / "clip.piano.mid").substr(0, 4), "MThd");
  EXPECT_NE(bytes_of(folder_ / "clip.piano.musicxml").find("<score-partwise"), std::string::npos);
  const json found = report("clip.piano.json");
  EXPECT_GT(found.at("notes").size(), 20U);
  EXPECT_EQ(found.at("style"), "auto");
  EXPECT_EQ(files(), 3U);
  EXPECT_NE(outcome.out.find("beats per minute"), std::string::npos);
  EXPECT_EQ(outcome.err, "");  // no progress where nobody watches
}

TEST_F(CoverCli, IsRepeatableForAnyNumberOfThreads) {
  for (const char* threads : {"1", "3"}) {
    ASSERT_EQ(cover({kClip, "-o", std::string("t") + threads, "--only", "midi,json", "--threads", threads}).exit_code,
              0);
  }
  EXPECT_EQ(bytes_of(folder_ / "t1/clip.piano.mid"), bytes_of(folder_ / "t3/clip.piano.mid"));
  EXPECT_EQ(report("t1/clip.piano.json").at("notes"), report("t3/clip.piano.json").at("notes"));
}

TEST_F(CoverCli, OutputMayBeAFileAFolderOrSeveral) {
  EXPECT_EQ(cover({kClip, "-o", "deep/er/cover.mid"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "deep/er/cover.mid"));
  EXPECT_EQ(cover({kClip, "-o", "deep/er/cover.musicxml"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "deep/er/cover.musicxml"));
  fs::copy_file(kClip, folder_ / "other.wav");
  const Outcome two = cover({kClip, "other.wav", "-o", "both", "--only", "midi"});
  EXPECT_EQ(two.exit_code, 0) << two.err;
  EXPECT_TRUE(fs::exists(folder_ / "both/clip.piano.mid"));
  EXPECT_TRUE(fs::exists(folder_ / "both/other.piano.mid"));
  expect_failure(cover({kClip, "other.wav", "-o", "one.mid"}), 2, "one file cannot hold several covers");
  expect_failure(cover({kClip, kClip, "-o", "both2", "--only", "midi"}), 2, "two covers would be written to this name");
}

TEST_F(CoverCli, OneBadSongDoesNotStopTheOthers) {
  const Outcome outcome = cover({"missing.mp3", kClip, "--only", "midi"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(fs::exists(folder_ / "clip.piano.mid"));
  EXPECT_NE(outcome.err.find("missing.mp3"), std::string::npos);
  EXPECT_NE(outcome.err.find("1 of 2 songs failed"), std::string::npos);
}

TEST_F(CoverCli, DoesNotOverwriteWithoutForce) {
  write_file(folder_ / "clip.piano.mid", "mine");
  expect_failure(cover({kClip, "--only", "midi"}), 1, "clip.piano.mid: exists; use --force");
  EXPECT_EQ(bytes_of(folder_ / "clip.piano.mid"), "mine");
  EXPECT_EQ(cover({kClip, "--only", "midi", "--force"}).exit_code, 0);
  EXPECT_EQ(bytes_of(folder_ / "clip.piano.mid").substr(0, 4), "MThd");
}

TEST_F(CoverCli, StylesDifferAndUnknownOnesAreGuessed) {
  ASSERT_EQ(cover({kClip, "--style", "all", "--only", "json"}).exit_code, 0);
  const json sparse = report("clip.piano.sparse-chords.json"), dense = report("clip.piano.dense-chords.json");
  EXPECT_NE(sparse.at("notes"), dense.at("notes"));
  expect_failure(cover({kClip, "--style", "dense-chord", "--only", "midi"}), 2, "dense-chords");
}

TEST_F(CoverCli, APlanIsReportedAndCanBeGiven) {
  ASSERT_EQ(cover({kClip, "-o", "a.json", "--only", "json"}).exit_code, 0);
  const json decided = report("a.json").at("plan");
  ASSERT_FALSE(decided.empty());
  EXPECT_EQ(decided[0].at("section"), "A");
  ASSERT_EQ(cover({kClip, "-o", "b.json", "--only", "json", "--plan", "a.json"}).exit_code, 0);
  EXPECT_EQ(report("b.json").at("notes"), report("a.json").at("notes"));  // a report is a plan
  ASSERT_EQ(cover({kClip, "-o", "c.json", "--only", "json", "--style", "A=dense-chords"}).exit_code, 0);
  EXPECT_EQ(report("c.json").at("plan")[0].at("style"), "dense-chords");
  EXPECT_NE(report("c.json").at("notes"), report("a.json").at("notes"));
  const Outcome by_ear =
      cover({kClip, "-o", "d.json", "--only", "json", "--accompaniment", "audio", "--plan", "a.json"});
  EXPECT_EQ(by_ear.exit_code, 0);
  EXPECT_NE(by_ear.err.find("the plan is not followed"), std::string::npos) << by_ear.err;
}

TEST_F(CoverCli, PlansThatCannotBeFollowedAreRefused) {
  const auto refused = [&](const std::string& text, const std::string& words) {
    write_file(folder_ / "plan.json", text);
    expect_failure(cover({kClip, "--only", "json", "--plan", "plan.json"}), 1, words);
  };
  refused("", "plan.json: an empty file");
  refused("no", "plan.json: not JSON");
  refused(R"([{"bars": [1, 2], "style": "flowing"}])", "is not known");
  refused(R"([{"bars": [1, 2], "style": "auto"}, {"bars": [2, 3], "style": "auto"}])", "overlap");
  refused(R"([{"bars": [1, 999], "style": "auto"}])", "outside the song");
  refused(R"([{"bars": [1, 2], "section": "Q", "style": "auto"}])", "no section \"Q\"");
  expect_failure(cover({kClip, "--only", "json", "--plan", "none.json"}), 1, "none.json");
  expect_failure(cover({kClip, "--only", "json", "--style", "A="}), 2, "style \"\" is not known");
  expect_failure(cover({kClip, "--only", "json", "--style", "A=auto,B"}), 2, "LETTER=STYLE");
  expect_failure(cover({kClip, "--only", "json", "--style", "Q=auto"}), 2, "no section \"Q\"");
}

TEST_F(CoverCli, KeyMovesThePianoPart) {
  ASSERT_EQ(cover({kClip, "-o", "a.json", "--only", "json"}).exit_code, 0);
  ASSERT_EQ(cover({kClip, "-o", "b.json", "--only", "json", "--key", "2"}).exit_code, 0);
  ASSERT_EQ(cover({kClip, "-o", "c.json", "--only", "json", "--key", "C"}).exit_code, 0);
  const json a = report("a.json"), b = report("b.json"), c = report("c.json");
  ASSERT_EQ(a.at("notes").size(), b.at("notes").size());
  EXPECT_EQ(a.at("notes")[0].at("pitch").get<int>() + 2, b.at("notes")[0].at("pitch").get<int>());
  EXPECT_EQ(c.at("key").get<std::string>().substr(0, 2), "C ");
  expect_failure(cover({kClip, "--key", "H", "--only", "midi"}), 2, "not a key");
  expect_failure(cover({kClip, "--key", "99", "--only", "midi"}), 2, "24 semitones");
}

TEST_F(CoverCli, TemperatureDrawsAndTheSeedRepeats) {
  const auto notes = [&](const std::string& name, const std::string& seed) {
    EXPECT_EQ(cover({kClip, "-o", name, "--temperature", "1", "--top-k", "20", "--seed", seed}).exit_code, 0);
    return report(name).at("notes");
  };
  const json first = notes("a.json", "1");
  EXPECT_EQ(first, notes("b.json", "1"));
  EXPECT_NE(first, notes("c.json", "2"));
}

TEST_F(CoverCli, ExcerptsAndOwnBeats) {
  ASSERT_EQ(cover({kClip, "-o", "a.json", "--start", "0:04", "--end", "12.5"}).exit_code, 0);
  EXPECT_NEAR(report("a.json").at("duration").get<double>(), 8.5, 0.01);
  std::ostringstream beats;
  for (int i = 0; i < 20; ++i) beats << 0.3 + 0.7 * i << '\t' << i % 3 + 1 << '\n';
  write_file(folder_ / "own.beats", beats.str());
  ASSERT_EQ(cover({kClip, "-o", "b.json", "--beats", "own.beats"}).exit_code, 0);
  EXPECT_NEAR(report("b.json").at("tempo").get<double>(), 60 / 0.7, 0.1);
  EXPECT_EQ(report("b.json").at("beats_per_bar"), 3);
  EXPECT_TRUE(report("b.json").at("beats_given").get<bool>());
  write_file(folder_ / "wrong.beats", "0.5\n1.0\n0.9\n");
  expect_failure(cover({kClip, "--beats", "wrong.beats", "--only", "midi"}), 1, "wrong.beats");
  expect_failure(cover({kClip, "--start", "5", "--end", "3", "--only", "midi"}), 2, "must lie after");
  expect_failure(cover({kClip, "--start", "soon", "--only", "midi"}), 2, "is not a time");
}

TEST_F(CoverCli, TempoTimesAndDownbeat) {
  const auto tempo = [&](const std::string& times) {
    const std::string name = "x" + times + ".json";
    EXPECT_EQ(cover({kClip, "-o", name, "--tempo-times", times}).exit_code, 0);
    return report(name).at("tempo").get<double>();
  };
  const double once = tempo("1");
  EXPECT_NEAR(tempo("2"), 2 * once, 0.05 * once);
  EXPECT_NEAR(tempo("0.5"), 0.5 * once, 0.05 * once);
  ASSERT_EQ(cover({kClip, "-o", "d.json", "--downbeat", "3", "--metre", "4"}).exit_code, 0);
  EXPECT_EQ(cover({kClip, "--downbeat", "9999", "--only", "midi"}).exit_code, 2);
}

TEST_F(CoverCli, UnlockedMidiHasOneTempo) {
  ASSERT_EQ(cover({kClip, "-o", "locked.mid"}).exit_code, 0);
  ASSERT_EQ(cover({kClip, "-o", "steady.mid", "--no-lock"}).exit_code, 0);
  const auto tempi = [](const std::string& bytes) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = bytes.find("\xFF\x51\x03", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  EXPECT_EQ(tempi(bytes_of(folder_ / "steady.mid")), 1U);
  EXPECT_GT(tempi(bytes_of(folder_ / "locked.mid")), 1U);
}

TEST_F(CoverCli, TitlesMayHoldAnything) {
  const std::string title = "\"Fish\" & <Chips> 'n' 日本語";
  ASSERT_EQ(cover({kClip, "-o", "t", "--only", "midi,musicxml,json", "--title", title}).exit_code, 0);
  EXPECT_EQ(report("t/clip.piano.json").at("title"), title);
  EXPECT_NE(bytes_of(folder_ / "t/clip.piano.musicxml").find("&lt;Chips&gt;"), std::string::npos);
  EXPECT_NE(bytes_of(folder_ / "t/clip.piano.mid").find(title), std::string::npos);
}

TEST_F(CoverCli, SpeaksJsonToPrograms) {
  const Outcome outcome = cover({kClip, "-o", "a.mid", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  std::istringstream lines(outcome.out);
  std::string line;
  json last;
  std::size_t progress = 0;
  while (std::getline(lines, line)) {
    last = json::parse(line);
    progress += last.at("event") == "progress" ? 1 : 0;
  }
  EXPECT_GT(progress, 3U);
  EXPECT_EQ(last.at("event"), "cover");
  EXPECT_EQ(last.at("files"), json({"a.mid"}));
  const Outcome quiet = cover({kClip, "-o", "b.mid", "--quiet"});
  EXPECT_EQ(quiet.out + quiet.err, "");
}

TEST_F(CoverCli, ReadsStandardInput) {
  ASSERT_EQ(cover({"-", "--only", "midi"}, {.input_file = kClip}).exit_code, 0);
  EXPECT_TRUE(fs::exists(folder_ / "song.piano.mid"));
  expect_failure(cover({"-", "-o", "x.mid"}, {.input_file = "closed"}), 1, "standard input");
  expect_failure(cover({"-", "-o", "x.mid"}), 1, "standard input");
}

TEST_F(CoverCli, BadSongsGiveOneLineAndNoFile) {
  write_file(folder_ / "empty.mp3", "");
  write_file(folder_ / "text.mp3", std::string(5000, 'x') + "\nthis is no music\n");
  fs::create_directory(folder_ / "folder.mp3");
  write_float_wav(folder_ / "short.wav", simple_song(0.2, 120), 22050, 1);
  write_float_wav(folder_ / "silence.wav", std::vector<float>(22050 * 10), 22050, 1);
  const std::size_t before = files();
  expect_failure(cover({"missing.mp3", "-o", "a.mid"}), 1, "missing.mp3");
  expect_failure(cover({"folder.mp3", "-o", "a.mid"}), 1, "folder.mp3");
  expect_failure(cover({"empty.mp3", "-o", "a.mid"}), 1, "empty.mp3");
  expect_failure(cover({"text.mp3", "-o", "a.mid"}), 1, "text.mp3");
  expect_failure(cover({"short.wav", "-o", "a.mid"}), 1, "short.wav: no beats found");
  expect_failure(cover({"silence.wav", "-o", "a.mid"}), 1, "silence.wav: no beats found");
  EXPECT_EQ(files(), before);
}

TEST_F(CoverCli, OddButGoodSongsWork) {
  const auto mono = simple_song(9, 100, 192000);
  std::vector<float> eight;
  eight.reserve(mono.size() * 8);
  for (const float x : mono) eight.insert(eight.end(), 8, x);
  write_float_wav(folder_ / "eight.wav", eight, 192000, 8);
  EXPECT_EQ(cover({"eight.wav", "-o", "a.mid"}).exit_code, 0);
  auto broken = simple_song(9, 100);
  broken[1000] = NAN;
  broken[2000] = INFINITY;
  write_float_wav(folder_ / "nan.wav", broken, 22050, 1);
  const Outcome outcome = cover({"nan.wav", "-o", "b.mid"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("warning"), std::string::npos);
}

TEST_F(CoverCli, BadTargetsLeaveNothing) {
  expect_failure(cover({kClip, "-o", "/proc/nothing/here/"}), 1, "/proc/nothing/here");
  write_file(folder_ / "file", "");
  expect_failure(cover({kClip, "-o", "file/cover.mid"}), 1, "file");
  const std::size_t before = files();
  const Outcome full = cover({kClip, "-o", "full.json"}, {.file_size_limit = 4096});
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_NE(full.err.find("full.json: cannot write"), std::string::npos) << full.err;
  EXPECT_EQ(files(), before);
  expect_failure(cover({kClip, "--only", "midi,pdg"}), 2, "unknown kind 'pdg'");
}

TEST_F(CoverCli, BadModelsAreNamed) {
  expect_failure(cover({kClip, "-o", "a.mid", "--model", "./nowhere"}), 1, "nowhere");
  expect_failure(cover({kClip, "-o", "a.mid", "--model", "nosuch"}), 1, "nosuch");
  fs::create_directory(folder_ / "model");
  fs::copy_file(POP2PIANO_SOURCE_DIR "/models/default/config.json", folder_ / "model/config.json");
  const std::string weights = bytes_of(POP2PIANO_SOURCE_DIR "/models/default/model.safetensors");
  write_file(folder_ / "model/model.safetensors", weights.substr(0, weights.size() / 2));
  expect_failure(cover({kClip, "-o", "a.mid", "--model", "model"}), 1, "model.safetensors");
  write_file(folder_ / "model/model.safetensors", std::string("\0\0\0\0\0\0\0\x80{}", 10));
  expect_failure(cover({kClip, "-o", "a.mid", "--model", "model"}), 1, "model.safetensors");
}

TEST_F(CoverCli, TheMelodyNetworkGuidesTheMelodyAndBadOnesAreNamed) {
  const auto with = [&](const std::string& network, const std::string& file) {
    return cover({kClip, "-o", file, "--only", "json"}, {.environment = {"POP2PIANO_MELODY=" + network}});
  };
  const std::string shipped = POP2PIANO_SOURCE_DIR "/models/melody/melody.safetensors";
  ASSERT_EQ(with("none", "without.json").exit_code, 0);
  ASSERT_EQ(with(shipped, "with.json").exit_code, 0);
  EXPECT_NE(report("with.json").at("notes"), report("without.json").at("notes"));
  EXPECT_EQ(report("with.json").at("tune_by_network"), true);
  EXPECT_EQ(report("without.json").at("tune_by_network"), false);
  expect_failure(with("nowhere.safetensors", "a.json"), 1, "nowhere.safetensors");
  const std::string weights = bytes_of(shipped);
  write_file(folder_ / "cut.safetensors", weights.substr(0, weights.size() / 2));
  expect_failure(with("cut.safetensors", "a.json"), 1, "cut.safetensors");
  expect_failure(with(POP2PIANO_SOURCE_DIR "/models/rhythm/beats.safetensors", "a.json"), 1, "melody network");
  EXPECT_FALSE(fs::exists(folder_ / "a.json"));
}

TEST_F(CoverCli, TheAccompanimentIsWrittenOverTheLeadSheetOrByEar) {
  const auto with = [&](const std::string& variable, const std::string& file, const std::string& accompaniment) {
    return cover({kClip, "-o", file, "--only", "json", "--accompaniment", accompaniment}, {.environment = {variable}});
  };
  const std::string nothing = "POP2PIANO_NOTHING=";
  EXPECT_EQ(with(nothing, "sheet.json", "lead-sheet").err, "");
  EXPECT_EQ(with(nothing, "ear.json", "audio").err, "");
  EXPECT_EQ(report("sheet.json").at("accompaniment"), "lead-sheet");
  EXPECT_EQ(report("ear.json").at("accompaniment"), "audio");
  EXPECT_NE(report("sheet.json").at("notes"), report("ear.json").at("notes"));
  for (const std::string missing : {"POP2PIANO_WRITER=none", "POP2PIANO_HARMONY=none"}) {
    const Outcome outcome = with(missing, missing.substr(10, 6) + ".json", "lead-sheet");
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_NE(outcome.err.find("the accompaniment is written by ear"), std::string::npos) << outcome.err;
    EXPECT_EQ(report(missing.substr(10, 6) + ".json").at("notes"), report("ear.json").at("notes"));
  }
  expect_failure(with("POP2PIANO_WRITER=nowhere", "a.json", "lead-sheet"), 1, "nowhere");
  EXPECT_EQ(with(nothing, "a.json", "neither").exit_code, 2);
  EXPECT_FALSE(fs::exists(folder_ / "a.json"));
}

TEST_F(CoverCli, InterruptLeavesNoFile) {
  write_float_wav(folder_ / "long.wav", simple_song(300, 100), 22050, 1);
  const std::size_t before = files();
  const Outcome outcome = cover({"long.wav", "--only", "midi,musicxml,json"}, {.interrupt_after_ms = 300});
  EXPECT_EQ(outcome.exit_code, 130) << outcome.err;
  EXPECT_EQ(files(), before);
}

}  // namespace
}  // namespace pop2piano::testing
