// SPDX-License-Identifier: MIT
// The other subcommands, help, usage errors.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/output_file.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_file.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

const std::string kClip = POP2PIANO_TEST_DATA "/seed/clip.wav";

TEST(ProgramCli, HelpNamesEveryCommandAndEveryOptionHasAText) {
  const Outcome all = run_program({"--help"});
  EXPECT_EQ(all.exit_code, 0);
  for (const std::string command : {"cover", "beats", "info", "render", "help", "manual"}) {
    EXPECT_NE(all.out.find("\n  " + command), std::string::npos) << command;
    const Outcome one = run_program({command, "--help"});
    EXPECT_EQ(one.exit_code, 0);
    EXPECT_EQ(one.out, run_program({"help", command}).out);
  }
  for (const std::string topic : {"files", "styles", "rhythm", "lock", "environment", "exit-codes"}) {
    const Outcome page = run_program({"help", topic});
    EXPECT_EQ(page.exit_code, 0);
    EXPECT_GT(page.out.size(), 60U) << topic;
  }
}

TEST(ProgramCli, UsageErrorsExitWithTwoAndGuess) {
  const auto fails = [](const std::vector<std::string>& arguments, const std::string& words) {
    const Outcome outcome = run_program(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.err;
    EXPECT_NE(outcome.err.find(words), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  };
  fails({"cover", kClip, "--styl", "auto"}, "did you mean --style?");
  fails({"cvoer", kClip}, "did you mean cover?");
  fails({"cover"}, "SONG");
  fails({}, "subcommand");
  fails({"cover", kClip, "--tempo-times", "3"}, "--tempo-times");
  fails({"cover", kClip, "--velocity", "200"}, "--velocity");
  fails({"help", "stiles"}, "did you mean 'styles'?");
}

// A terminal would obey them.
TEST(ProgramCli, NamesWithControlCharactersArePrintedWithoutThem) {
  const ScratchFolder folder;
  const std::string name = (folder / "a\n\x1b[31m\x7f.wav").string();
  const Outcome missing = run_program({"info", name});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_EQ(line_count(missing.err), 1U) << missing.err;
  EXPECT_NE(missing.err.find("a??[31m?.wav"), std::string::npos) << missing.err;
  std::filesystem::copy_file(kClip, name);
  const Outcome found = run_program({"info", name});
  EXPECT_EQ(found.exit_code, 0) << found.err;
  EXPECT_EQ(found.out.find_first_of("\x1b\x7f"), std::string::npos) << found.out;
  EXPECT_TRUE(std::filesystem::exists(name));
}

TEST(ProgramCli, SpellingsOfFormerVersionsWorkAndSaySo) {
  const ScratchFolder folder;
  const auto run = [](const std::vector<std::string>& arguments) {
    return run_program(arguments, {.environment = {"POP2PIANO_TUNE=none"}});
  };
  const std::string score = POP2PIANO_TEST_DATA "/texture/001.mid";
  const Outcome former = run({"arrange", score, "--no-tune-on-top", "-o", folder / "a.mid"});
  EXPECT_EQ(former.exit_code, 0) << former.err;
  EXPECT_NE(former.err.find("warning: --no-tune-on-top is --no-melody-on-top now"), std::string::npos) << former.err;
  EXPECT_NE(former.err.find("POP2PIANO_TUNE is POP2PIANO_MELODY now"), std::string::npos) << former.err;
  const Outcome today = run_program({"arrange", score, "--no-melody-on-top", "-o", folder / "b.mid"});
  EXPECT_EQ(today.exit_code, 0) << today.err;
  EXPECT_EQ(today.err.find(" now"), std::string::npos) << today.err;
  EXPECT_EQ(bytes_of(folder / "a.mid"), bytes_of(folder / "b.mid"));
  EXPECT_NE(run({"dataset", "export-midi", "none.p2pd", "--out=x"}).err.find("--out is --output now"),
            std::string::npos);
  const Outcome events = run({"arrange", score, "--tune-on-top", "-o", folder / "c.mid", "--json"});
  EXPECT_NE(events.out.find("--tune-on-top is --melody-on-top now"), std::string::npos) << events.out;
  EXPECT_EQ(run({"arrange", score, "--to", folder / "d.mid"}).exit_code, 2);  // of fetch-model only
}

TEST(ProgramCli, VersionNamesBuildAndLibraries) {
  const Outcome outcome = run_program({"--version"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const char* word : {"pop2piano ", "build", "instruction set", "FFmpeg"}) {
    EXPECT_NE(outcome.out.find(word), std::string::npos) << outcome.out;
  }
}

TEST(ProgramCli, BeatsPrintsTimesAndNumbers) {
  const ScratchFolder folder;
  write_float_wav(folder / "song.wav", simple_song(20, 100), 22050, 1);
  const Outcome outcome = run_program({"beats", folder / "song.wav"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_GT(line_count(outcome.out), 20U);
  write_file(folder / "found.beats", outcome.out);
  const Outcome again = run_program({"beats", folder / "song.wav", "--beats", folder / "found.beats"});
  EXPECT_EQ(again.out, outcome.out);  // what is printed can be given back
  const Outcome as_json = run_program({"beats", folder / "song.wav", "--json"});
  const auto last = nlohmann::json::parse(as_json.out.substr(as_json.out.rfind("{\"event\"")));
  EXPECT_NEAR(last.at("tempo").get<double>(), 100.0, 1.0);
  EXPECT_TRUE(last.at("key").is_string());
  EXPECT_TRUE(last.at("swing_ratio").is_number());
  EXPECT_EQ(last.at("beats_per_bar"), 4);
}

TEST(ProgramCli, BarsOfUpToTwelveBeatsAreCountedAndOthersRefused) {
  const ScratchFolder folder;
  write_float_wav(folder / "song.wav", simple_song(20, 100), 22050, 1);
  const std::string song = folder / "song.wav";
  for (const int metre : {9, 12}) {
    const Outcome counted = run_program({"beats", song, "--metre", std::to_string(metre)});
    ASSERT_EQ(counted.exit_code, 0) << counted.err;
    EXPECT_NE(counted.out.find("\t" + std::to_string(metre) + "\n"), std::string::npos) << counted.out;
  }
  for (const char* metre : {"1", "13", "four"}) {
    const Outcome refused = run_program({"beats", song, "--metre", metre});
    EXPECT_EQ(refused.exit_code, 2) << metre;
    EXPECT_NE(refused.err.find("--metre"), std::string::npos) << refused.err;
  }
}

TEST(ProgramCli, BeatsBecomeLabelsJamsTicksAndAPicture) {
  const ScratchFolder folder;
  write_float_wav(folder / "song.wav", simple_song(20, 100), 22050, 1);
  const std::string song = folder / "song.wav";
  const Outcome text = run_program({"beats", song, "--click", folder / "click.wav", "--plot", folder / "beats.svg"});
  ASSERT_EQ(text.exit_code, 0) << text.err;
  const std::size_t beats = line_count(text.out);
  const Outcome labels = run_program({"beats", song, "--format", "audacity"});
  EXPECT_EQ(line_count(labels.out), beats);
  EXPECT_NE(labels.out.find(".1\n"), std::string::npos) << labels.out;
  const auto jams = nlohmann::json::parse(run_program({"beats", song, "--format", "jams"}).out);
  EXPECT_EQ(jams.at("annotations").at(0).at("namespace"), "beat");
  EXPECT_EQ(jams.at("annotations").at(0).at("data").size(), beats);
  EXPECT_NEAR(jams.at("file_metadata").at("duration").get<double>(), 20, 0.1);
  const auto click_bytes = std::filesystem::file_size(folder / "click.wav");
  EXPECT_NEAR(static_cast<double>(click_bytes), 20.0 * 44100 * 2, 5000);
  std::ifstream picture(folder / "beats.svg");
  const std::string svg((std::istreambuf_iterator<char>(picture)), std::istreambuf_iterator<char>());
  EXPECT_NE(svg.find("<svg"), std::string::npos);
  EXPECT_NE(svg.find("</svg>"), std::string::npos);
  EXPECT_EQ(run_program({"beats", song, "--plot", "beats.bmp"}).exit_code, 2);
  EXPECT_EQ(run_program({"beats", song, "--format", "xml"}).exit_code, 2);
}

TEST(ProgramCli, BeatsSaysWhatItDoesNotHear) {
  const ScratchFolder folder;
  std::vector<float> noise(22050 * 12);
  std::uint32_t state = 1;
  for (float& sample : noise) {
    state = state * 1664525U + 1013904223U;
    sample = 0.2F * (static_cast<float>(state >> 16) / 32768.0F - 1.0F);
  }
  write_float_wav(folder / "noise.wav", noise, 22050, 1);
  const Outcome guess = run_program({"beats", folder / "noise.wav", "--json"});
  ASSERT_EQ(guess.exit_code, 0) << guess.err;
  EXPECT_NE(guess.out.find("the beat is a guess"), std::string::npos) << guess.out;  // an event
  const auto last = nlohmann::json::parse(guess.out.substr(guess.out.rfind("{\"event\"")));
  EXPECT_LT(last.at("confidence").get<double>(), 0.3);
  EXPECT_TRUE(last.at("key").is_null());
  std::vector<float> click(22050 * 6);
  click[50000] = 0.9F;
  write_float_wav(folder / "click.wav", click, 22050, 1);
  const Outcome nothing = run_program({"beats", folder / "click.wav"});
  EXPECT_EQ(nothing.exit_code, 1);
  EXPECT_NE(nothing.err.find("click.wav: no beats found"), std::string::npos) << nothing.err;
}

TEST(ProgramCli, BeatsSaysWhoHeardThem) {
  const ScratchFolder folder;
  write_float_wav(folder / "song.wav", simple_song(20, 100), 22050, 1);
  const Outcome outcome =
      run_program({"beats", folder / "song.wav", "--json"}, {.environment = {"POP2PIANO_BEATS=none"}});
  const auto last = nlohmann::json::parse(outcome.out.substr(outcome.out.rfind("{\"event\"")));
  EXPECT_EQ(last.at("activation"), "signal");
  EXPECT_TRUE(last.at("swung").is_null());
  EXPECT_LE(std::abs(last.at("tuning").get<double>()), 50.0);
}

TEST(ProgramCli, InfoKnowsSongsAndModels) {
  const Outcome song = run_program({"info", kClip});
  EXPECT_EQ(song.exit_code, 0) << song.err;
  EXPECT_NE(song.out.find("22050 Hz, 1 channel"), std::string::npos) << song.out;
  const Outcome model = run_program({"info", POP2PIANO_SOURCE_DIR "/models/default"});
  EXPECT_EQ(model.exit_code, 0) << model.err;
  EXPECT_NE(model.out.find("8.2 million parameters"), std::string::npos) << model.out;
  EXPECT_NE(model.out.find("dense-chords"), std::string::npos);
  EXPECT_EQ(run_program({"info", "/nonexistent"}).exit_code, 1);
}

TEST(ProgramCli, ManualPrintsManPageAndCompletions) {
  const Outcome man = run_program({"manual", "man"});
  EXPECT_EQ(man.exit_code, 0);
  EXPECT_EQ(man.out.substr(0, 4), ".TH ");
  EXPECT_NE(man.out.find("\\-\\-style"), std::string::npos);
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    EXPECT_NE(run_program({"manual", shell}).out.find("tempo-times"), std::string::npos) << shell;
  }
}

}  // namespace
}  // namespace pop2piano::testing
