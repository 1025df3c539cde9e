// SPDX-License-Identifier: MIT
// Files of a transcription, read back.
#include "writing/transcription/transcription.h"

#include <pop2piano/error.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace pop2piano {
namespace {

PianoTranscription two_chords() {
  return {.notes = {{0.5, 1.0, 60, 70}, {0.5, 1.2, 64, 71}, {1.5, 1.9, 62, 72}, {1.9, 2.4, 62, 73}},
          .pedal = {{0.45, 1.1}}};
}

TEST(Transcription, MidiSaysWhatWasHeard) {
  const PianoTranscription heard = two_chords();
  const MidiFile file = parse_midi(serialize_midi(midi_of(heard, "take")), "memory");
  EXPECT_EQ(file.tracks.front().name(), "take");
  const auto notes = timed_notes(file);
  ASSERT_EQ(notes.size(), heard.notes.size());
  for (std::size_t i = 0; i < notes.size(); ++i) {
    EXPECT_NEAR(notes[i].onset, heard.notes[i].onset, 6e-4) << "half a tick";
    EXPECT_NEAR(notes[i].offset, heard.notes[i].offset, 6e-4);
    EXPECT_EQ(notes[i].pitch, heard.notes[i].pitch);
    EXPECT_EQ(notes[i].velocity, heard.notes[i].velocity);
  }
  const MidiFile plain = midi_of(heard, "", WrittenPedal::none);
  int pedal = 0, without = 0;
  for (const MidiEvent& event : file.tracks.front().events) pedal += event.status == 0xB0 ? 1 : 0;
  for (const MidiEvent& event : plain.tracks.front().events) without += event.status == 0xB0 ? 1 : 0;
  EXPECT_EQ(pedal, 2);
  EXPECT_EQ(without, 0);
}

TEST(Transcription, LiesOnTheBeatsOfTheRecording) {
  const BeatGrid grid{.times = {1.0, 1.5, 2.0, 2.5}, .numbers = {1, 2, 3, 4}};
  const Score score = score_of(two_chords(), grid, "take");
  EXPECT_EQ(score.title, "take");
  ASSERT_EQ(score.notes.size(), 4U);
  EXPECT_NEAR(score.time_at(score.notes[0].onset), 0.5, 1e-6) << "a beat is added in front";
  EXPECT_NEAR(score.time_at(score.notes[2].onset), 1.5, 1e-6);
  EXPECT_THROW((void)score_of({}, grid, "take"), Error);
}

TEST(Transcription, JsonHoldsNotesAndPedal) {
  const auto json = nlohmann::json::parse(json_of(two_chords()));
  EXPECT_EQ(json["format"], "pop2piano.transcription/1");
  ASSERT_EQ(json["notes"].size(), 4U);
  EXPECT_EQ(json["notes"][1]["offset"], 1.2);
  EXPECT_EQ(json["pedal"][0]["from"], 0.45);
}

}  // namespace
}  // namespace pop2piano
