// SPDX-License-Identifier: MIT
// `pop2piano arrange` as a user runs it: files of all kinds in, levels, keys, a song's own time, bad input.
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/core/output_file.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/midi_file.h"
#include "program.h"
#include "scratch_folder.h"
#include "wav_fixture.h"

namespace pop2piano::testing {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const std::string kClip = POP2PIANO_TEST_DATA "/seed/clip.wav";

/// Eight bars: a melody, a chord under it on every beat, a bass; all on one track.
MidiFile band() {
  MidiFile file;
  file.ticks_per_quarter = 480;
  MidiTrack track;
  track.events.push_back(midi_tempo(0, 500'000));
  const std::vector<int> melody = {76, 77, 79, 81, 79, 77, 76, 74};
  for (int beat = 0; beat < 32; ++beat) {
    const std::int64_t on = 480 * beat, off = on + 470;
    for (const int pitch : {melody[static_cast<std::size_t>(beat % 8)], 64, 60, 55, beat % 4 == 0 ? 36 : 48}) {
      track.events.push_back(midi_note_on(on, 0, pitch, 50 + beat % 5));
      track.events.push_back(midi_note_off(off, 0, pitch));
    }
  }
  std::stable_sort(track.events.begin(), track.events.end(),
                   [](const MidiEvent& a, const MidiEvent& b) { return a.tick < b.tick; });
  track.length = 480 * 32;
  file.tracks.push_back(track);
  return file;
}

class ArrangeCli : public ::testing::Test {
 protected:
  void SetUp() override { write_midi_file(folder_ / "band.mid", band()); }
  Outcome arrange(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "arrange");
    return run_program(arguments, {.working_folder = folder_.path()});
  }
  [[nodiscard]] json report(const std::string& name) const { return json::parse(std::ifstream(folder_ / name)); }
  void expect_failure(const Outcome& outcome, int code, const std::string& words) const {
    EXPECT_EQ(outcome.exit_code, code) << outcome.err;
    EXPECT_NE(outcome.err.find(words), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }

  const ScratchFolder folder_;
};

TEST_F(ArrangeCli, WritesMidiScoreAndWhatItChanged) {
  const Outcome outcome = arrange({"band.mid", "--level", "easy"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("level easy"), std::string::npos) << outcome.out;
  const json found = report("band.easy.json");
  EXPECT_EQ(found.at("format"), "pop2piano-arrangement/1");
  EXPECT_EQ(found.at("level"), 1);
  EXPECT_LT(found.at("notes").size(), 32U * 5U);
  ASSERT_FALSE(found.at("changes").empty());
  for (const json& change : found.at("changes")) {
    EXPECT_TRUE(change.at("why") == "level" || change.at("why") == "reach" || change.at("why") == "tune") << change;
  }
  for (const json& note : found.at("notes")) EXPECT_GT(note.at("velocity").get<int>(), 0);
  EXPECT_EQ(import_score(folder_ / "band.easy.mid").score.notes.size(), found.at("notes").size());
  EXPECT_FALSE(import_score(folder_ / "band.easy.musicxml").score.notes.empty());
}

TEST_F(ArrangeCli, LevelsKeysAndHands) {
  std::size_t harder = 1000;
  for (const std::string level : {"full", "medium", "easy"}) {
    ASSERT_EQ(arrange({"band.mid", "--level", level, "-o", level + ".json"}).exit_code, 0);
    const std::size_t notes = report(level + ".json").at("notes").size();
    EXPECT_LE(notes, harder) << level;
    harder = notes;
  }
  ASSERT_EQ(arrange({"band.mid", "--key", "Eb", "-o", "eb.json"}).exit_code, 0);
  EXPECT_EQ(report("eb.json").at("key"), "Eb major");
  ASSERT_EQ(arrange({"band.mid", "--key", "-2", "-o", "down.json"}).exit_code, 0);
  EXPECT_EQ(report("down.json").at("key"), "Bb major");
  ASSERT_EQ(arrange({"eb.json", "-o", "x.mid"}).exit_code, 1);  // a report is no score
  ASSERT_EQ(arrange({"band.mid", "--key", "Eb", "-o", "eb.mid"}).exit_code, 0);
  ASSERT_EQ(arrange({"eb.mid", "--key", "easy", "-o", "simple.json"}).exit_code, 0);
  EXPECT_EQ(report("simple.json").at("key"), "F major");  // the nearest of C, G and F
  ASSERT_EQ(arrange({"band.mid", "--hands", "octave", "-o", "small.json"}).exit_code, 0);
  for (const char* hand : {"left", "right"}) {
    int low = 127, high = 0;
    const json small = report("small.json");  // must outlive the loop
    for (const json& note : small.at("notes")) {
      if (note.at("step") != 0 || note.at("hand") != hand) continue;
      low = std::min(low, note.at("pitch").get<int>());
      high = std::max(high, note.at("pitch").get<int>());
    }
    EXPECT_LE(high - low, 12) << hand;
  }
}

TEST_F(ArrangeCli, PedalAndFingersAreOptional) {
  const auto pedals = [&](const std::string& name) {
    std::size_t count = 0;
    for (const MidiTrack& track : read_midi_file(folder_ / name).tracks) {
      for (const MidiEvent& event : track.events)
        count += (event.status & 0xF0) == 0xB0 && event.data[0] == 64 ? 1U : 0U;
    }
    return count;
  };
  ASSERT_EQ(arrange({"band.mid", "-o", "a.mid"}).exit_code, 0);
  ASSERT_EQ(arrange({"band.mid", "-o", "b.mid", "--no-pedal"}).exit_code, 0);
  EXPECT_GT(pedals("a.mid"), 0U);
  EXPECT_EQ(pedals("b.mid"), 0U);
  ASSERT_EQ(arrange({"band.mid", "-o", "a.musicxml"}).exit_code, 0);
  ASSERT_EQ(arrange({"band.mid", "-o", "b.musicxml", "--no-pedal", "--fingering"}).exit_code, 0);
  EXPECT_EQ(bytes_of(folder_ / "a.musicxml").find("<fingering"), std::string::npos);
  EXPECT_NE(bytes_of(folder_ / "b.musicxml").find("<fingering"), std::string::npos);
  EXPECT_NE(bytes_of(folder_ / "a.musicxml").find("<pedal"), std::string::npos);
  EXPECT_EQ(bytes_of(folder_ / "b.musicxml").find("<pedal"), std::string::npos);
}

TEST_F(ArrangeCli, ReadsItsOwnSheetMusicAgain) {
  ASSERT_EQ(arrange({"band.mid", "-o", "once.musicxml"}).exit_code, 0);
  const Outcome outcome = arrange({"once.musicxml", "-o", "twice.musicxml"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto once = import_score(folder_ / "once.musicxml").score.notes;
  EXPECT_EQ(import_score(folder_ / "twice.musicxml").score.notes.size(), once.size());
}

TEST_F(ArrangeCli, ASongGivesTheBars) {
  ASSERT_EQ(run_program({"cover", kClip, "-o", "c.mid", "--no-lock", "--quiet"}, {.working_folder = folder_.path()})
                .exit_code,
            0);
  ASSERT_EQ(run_program({"cover", kClip, "-o", "c.json", "--quiet"}, {.working_folder = folder_.path()}).exit_code, 0);
  // The steady MIDI begins with its first bar, so that it must be shifted and stretched to lie on the song again.
  const Outcome outcome = arrange({"c.mid", "--song", kClip, "-o", "on.json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json cover = report("c.json"), found = report("on.json");
  EXPECT_EQ(found.at("beats").size(), cover.at("beats").size());
  std::size_t same = 0;
  for (const json& note : found.at("notes")) {
    same += std::any_of(cover.at("notes").begin(), cover.at("notes").end(), [&](const json& other) {
      return other.at("pitch") == note.at("pitch") &&
             std::abs(other.at("onset").get<double>() - note.at("onset").get<double>()) < 0.07;
    });
  }
  EXPECT_GT(same, found.at("notes").size() * 9 / 10) << found.at("notes").size();
}

TEST_F(ArrangeCli, CoversHaveTheSameOptions) {
  const auto cover = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"cover", kClip, "--quiet"});
    return run_program(arguments, {.working_folder = folder_.path()});
  };
  ASSERT_EQ(cover({"-o", "full", "--only", "midi,musicxml,json"}).exit_code, 0);
  ASSERT_EQ(cover({"-o", "easy", "--only", "midi,musicxml,json", "--level", "easy", "--hands", "octave", "--key",
                   "easy", "--no-pedal", "--fingering"})
                .exit_code,
            0);
  const json full = report("full/clip.piano.json"), easy = report("easy/clip.piano.json");
  EXPECT_EQ(full.at("level"), 5);
  EXPECT_EQ(easy.at("level"), 1);
  EXPECT_EQ(easy.at("options").at("hand_span"), 12);
  EXPECT_LT(easy.at("notes").size(), full.at("notes").size());
  EXPECT_GT(easy.at("changes").size(), full.at("changes").size());
  EXPECT_NE(bytes_of(folder_ / "easy/clip.piano.musicxml").find("<fingering"), std::string::npos);
  EXPECT_EQ(bytes_of(folder_ / "easy/clip.piano.musicxml").find("<pedal"), std::string::npos);
  EXPECT_NE(bytes_of(folder_ / "full/clip.piano.musicxml").find("<pedal"), std::string::npos);
  EXPECT_EQ(cover({"-o", "x.mid", "--level", "eazy"}).exit_code, 2);
  EXPECT_EQ(cover({"-o", "x.mid", "--hands", "wide"}).exit_code, 2);
}

TEST_F(ArrangeCli, DoesNotOverwriteWithoutForce) {
  write_file(folder_ / "mine.mid", "mine");
  expect_failure(arrange({"band.mid", "-o", "mine.mid"}), 1, "mine.mid: exists; use --force");
  EXPECT_EQ(bytes_of(folder_ / "mine.mid"), "mine");
  EXPECT_EQ(arrange({"band.mid", "-o", "mine.mid", "--force"}).exit_code, 0);
}

TEST_F(ArrangeCli, WrongUsageIsSaidBeforeTheWork) {
  expect_failure(arrange({"band.mid", "--level", "mediun"}), 2, "did you mean medium");
  expect_failure(arrange({"band.mid", "--level", "6"}), 2, "level: expected easy, medium, full or 1..5");
  expect_failure(arrange({"band.mid", "--hands", "tent"}), 2, "did you mean tenth");
  expect_failure(arrange({"band.mid", "--key", "H"}), 2, "not a key");
  expect_failure(arrange({"band.mid", "--key", "99"}), 2, "24 semitones");
  expect_failure(arrange({"band.mid", "-o", "x.pdf"}), 2, "pop2piano engrave");
  expect_failure(arrange({"missing.mid"}), 1, "missing.mid");
}

TEST_F(ArrangeCli, BadScoresGiveOneLine) {
  MidiFile drums;
  drums.tracks.resize(1);
  drums.tracks[0].events = {midi_note_on(0, 9, 36, 90), midi_note_off(100, 9, 36)};
  write_midi_file(folder_ / "drums.mid", drums);
  expect_failure(arrange({"drums.mid"}), 1, "only percussion");
  MidiFile empty;
  empty.tracks.resize(1);
  write_midi_file(folder_ / "empty.mid", empty);
  expect_failure(arrange({"empty.mid"}), 1, "expected notes, found none");
  write_file(folder_ / "text.mid", "no music");
  expect_failure(arrange({"text.mid"}), 1, "text.mid");
  write_file(folder_ / "text.musicxml", "no music");
  expect_failure(arrange({"text.musicxml"}), 1, "text.musicxml: expected MusicXML");
  std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE s [<!ENTITY a \"aaaaaaaaaa\">";
  for (char c = 'b'; c <= 'j'; ++c) {
    bomb += std::string("<!ENTITY ") + c + " \"";
    for (int i = 0; i < 10; ++i) bomb += std::string("&") + static_cast<char>(c - 1) + ";";
    bomb += "\">";
  }
  write_file(folder_ / "bomb.musicxml",
             bomb + "]><score-partwise><part><measure>&j;</measure></part></score-partwise>");
  expect_failure(arrange({"bomb.musicxml"}), 1, "expected notes, found none");
  std::string deep = "<?xml version=\"1.0\"?><score-partwise>";
  for (int i = 0; i < 200'000; ++i) deep += "<part>";
  write_file(folder_ / "deep.musicxml", deep);
  expect_failure(arrange({"deep.musicxml"}), 1, "deep.musicxml");
}

TEST_F(ArrangeCli, ExtremeScoresEndInTime) {
  MidiFile file;
  file.tracks.resize(40);
  for (std::size_t t = 0; t < file.tracks.size(); ++t) {
    auto& events = file.tracks[t].events;
    for (int i = 0; i < 250; ++i) {  // 10,000 notes at one instant, half of them without length
      const int pitch = 21 + (i * 7 + static_cast<int>(t)) % 88;
      events.push_back(midi_note_on(0, static_cast<int>(t % 8), pitch, 60));
      if (i % 2 == 0) events.push_back(midi_note_off(0, static_cast<int>(t % 8), pitch));
    }
    file.tracks[t].length = 960;
  }
  file.tracks[0].events.insert(file.tracks[0].events.begin(),
                               {midi_tempo(0, 1), midi_time_signature(0, 200, 2)});  // 60 million per minute
  write_midi_file(folder_ / "extreme.mid", file);
  for (const char* level : {"easy", "full"}) {
    const Outcome outcome = arrange({"extreme.mid", "--level", level});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_LE(report(std::string("extreme.") + level + ".json").at("notes").size(), 88U);
  }
}

}  // namespace
}  // namespace pop2piano::testing
