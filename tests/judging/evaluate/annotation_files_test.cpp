// SPDX-License-Identifier: MIT
#include "judging/evaluate/annotation_files.h"

#include <pop2piano/error.h>

#include <string>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "base/core/random.h"
#include "judging/evaluate/text_table.h"
#include "music/scorefiles/midi_file.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::ScratchFolder;

template <typename Read>
std::string message_of(Read read) {
  try {
    read();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(MelodyFile, ReadsNotesOfAKaraokeChart) {
  const ScratchFolder folder;
  write_file(folder / "a.melody.tsv", "0.50\t1.00\t60\t:\tla\n1.00\t1.50\t62\tF\tlu\n");
  const Melody melody = read_melody_file(folder / "a.melody.tsv");
  ASSERT_EQ(melody.notes.size(), 2u);
  EXPECT_EQ(melody.notes[1].pitch, 62.0);
  EXPECT_EQ(melody.contour.frequencies[10], 0.0);                       // 0.23 s
  EXPECT_NEAR(melody.contour.frequencies[30], midi_to_hz(60.0), 1e-9);  // 0.70 s
}

TEST(MelodyFile, ReadsCurvesOfTextAndJson) {
  const ScratchFolder folder;
  write_file(folder / "a.csv", "time,frequency\n0.00,0\n0.01,440\n0.02,-440\n");
  write_file(folder / "b.json", R"({"times": [0, 0.01, 0.02], "f0": [null, 440, -440]})");
  write_file(folder / "c.json", R"({"hop": 0.01, "f0": [0, 440, -440]})");
  for (const char* name : {"a.csv", "b.json", "c.json"}) {
    const Melody melody = read_melody_file(folder / name);
    EXPECT_EQ(melody.contour.frequencies, (std::vector<double>{0.0, 440.0, -440.0})) << name;
    EXPECT_NEAR(melody.contour.times[2], 0.02, 1e-12) << name;
  }
}

TEST(MelodyFile, MessagesNameFileAndLine) {
  const ScratchFolder folder;
  const auto reading = [&](const char* name, const std::string& text) {
    write_file(folder / name, text);
    return message_of([&] { read_melody_file(folder / name); });
  };
  EXPECT_NE(reading("a.tsv", "0\t1\t60\n2\t1\t60\n").find("a.tsv, line 2"), std::string::npos);
  EXPECT_NE(reading("b.tsv", "0\t1\t60\nx\t2\t60\n").find("expected a number"), std::string::npos);
  EXPECT_NE(reading("c.csv", "0.0,1\n0.0,1\n").find("times must rise"), std::string::npos);
  EXPECT_NE(reading("d.json", "{\"f0\": 3}").find("d.json"), std::string::npos);
  EXPECT_NE(reading("e.json", "[1, 2").find("expected a JSON object"), std::string::npos);
  EXPECT_NE(reading("f.json", R"({"times": [0], "f0": [1, 2]})").find("as many times"), std::string::npos);
  EXPECT_NE(reading("g.tsv", "").find("found none"), std::string::npos);
  EXPECT_NE(reading("h.tsv", "0\t1e30\t60\n").find("more than a day"), std::string::npos);
  EXPECT_NE(message_of([&] { read_melody_file(folder / "none.tsv"); }).find("none.tsv"), std::string::npos);
}

TEST(NoteFile, KnowsTheHandsAndLeavesDrumsOut) {
  MidiFile file;
  file.ticks_per_quarter = 480;
  file.tracks.resize(3);
  const char* names[] = {"Right hand", "Left hand", "Drums"};
  for (std::size_t t = 0; t < 3; ++t) {
    const int channel = t == 2 ? 9 : static_cast<int>(t);
    file.tracks[t].events = {midi_text(0, midi_meta::kTrackName, names[t]), midi_note_on(0, channel, 60, 80),
                             midi_note_off(480, channel, 60)};
    file.tracks[t].length = 480;
  }
  const ScratchFolder folder;
  write_midi_file(folder / "a.mid", file);
  const NoteFile notes = read_note_file(folder / "a.mid");
  ASSERT_EQ(notes.notes.size(), 2u);
  EXPECT_NE(notes.hands[0], notes.hands[1]);
  EXPECT_NE(notes.hands[0], Hand::unassigned);
  EXPECT_NEAR(notes.notes[0].offset, 0.5, 1e-9);
}

TEST(ChordFile, ReadsLabelsAndRefusesBadOnes) {
  const ScratchFolder folder;
  write_file(folder / "a.lab", "0.0 1.5 N\n1.5 3.0 Eb:min7/b3\n");
  EXPECT_EQ(read_chord_file(folder / "a.lab")[1].label, "Eb:min7/b3");
  write_file(folder / "b.lab", "0 1 C\n1 2 H\n");
  EXPECT_NE(message_of([&] { read_chord_file(folder / "b.lab"); }).find("b.lab, line 2"), std::string::npos);
  write_file(folder / "c.lab", "0 2 C\n1 3 G\n");
  EXPECT_THROW(read_chord_file(folder / "c.lab"), Error);
}

TEST(BeatList, ReadsTimesAndNumbers) {
  const ScratchFolder folder;
  write_file(folder / "a.beats", "# comment\n0.5 1\n1.0 2\n1.5 1\n");
  const BeatList beats = read_beat_list(folder / "a.beats");
  EXPECT_EQ(beats.downbeats, (std::vector<double>{0.5, 1.5}));
  write_file(folder / "b.beats", "");
  EXPECT_TRUE(read_beat_list(folder / "b.beats").times.empty());
  write_file(folder / "c.beats", "1.0\n0.5\n");
  EXPECT_THROW(read_beat_list(folder / "c.beats"), Error);
}

// Whatever the bytes are: an answer or an Error, nothing else.
TEST(AnnotationFiles, SurviveRandomText) {
  const ScratchFolder folder;
  Random random(79);
  constexpr std::string_view kAlphabet = "0123456789.-eE+ \t\n,;:#CGN/()b\"{}[]f\xff";
  for (int round = 0; round < 60; ++round) {  // each writes four files
    std::string text;
    for (std::size_t i = 0, size = random.index(200); i < size; ++i) text += kAlphabet[random.index(kAlphabet.size())];
    for (const char* name : {"a.tsv", "a.json", "a.mid"}) {
      write_file(folder / name, text);
      message_of([&] { read_melody_file(folder / name); });
    }
    write_file(folder / "a.lab", text);
    message_of([&] { read_chord_file(folder / "a.lab"); });
    message_of([&] { read_beat_list(folder / "a.lab"); });
  }
}

}  // namespace
}  // namespace pop2piano
