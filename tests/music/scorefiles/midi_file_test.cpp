// SPDX-License-Identifier: MIT
#include "music/scorefiles/midi_file.h"

#include <pop2piano/error.h>

#include <algorithm>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "base/core/random.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string chunk(const std::string& name, const std::string& body) {
  std::string out = name;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(body.size() >> shift);
  return out + body;
}

std::string header(int format, int tracks, int division) {
  const auto word = [](int value) { return std::string{static_cast<char>(value >> 8), static_cast<char>(value)}; };
  return chunk("MThd", word(format) + word(tracks) + word(division));
}

const std::string kEnd("\x00\xFF\x2F\x00", 4);

MidiFile parse(const std::string& bytes) { return parse_midi(bytes_of(bytes), "test.mid"); }

TEST(MidiReader, IsToldByItsNameOrItsFirstBytes) {
  const testing::ScratchFolder folder;
  write_file(folder / "melody.bin", header(0, 1, 96));
  write_file(folder / "short.bin", std::string_view("MTh"));
  write_file(folder / "song.wav", std::string_view("RIFF....WAVE"));
  EXPECT_TRUE(is_midi_file(folder / "melody.bin"));
  EXPECT_FALSE(is_midi_file(folder / "short.bin"));
  EXPECT_FALSE(is_midi_file(folder / "song.wav"));
  EXPECT_FALSE(is_midi_file(folder.path()));
  EXPECT_FALSE(is_midi_file("not_there.wav"));
  for (const char* name : {"not_there.mid", "A.MIDI", "a.Kar"}) EXPECT_TRUE(is_midi_file(name)) << name;
}

TEST(MidiReader, RunningStatusAndVelocityZero) {
  const std::string track = std::string("\x00\x90\x3C\x40\x60\x3C\x00\x00\x3E\x50\x81\x00\x3E\x00", 14) + kEnd;
  const MidiFile file = parse(header(0, 1, 96) + chunk("MTrk", track));
  EXPECT_TRUE(file.warnings.empty());
  const auto notes = timed_notes(file);
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].pitch, 0x3C);
  EXPECT_EQ(notes[0].velocity, 0x40);
  EXPECT_DOUBLE_EQ(notes[0].offset, 0.5);
  EXPECT_DOUBLE_EQ(notes[1].onset, 0.5);
  EXPECT_EQ(notes[1].offset_tick, 96 + 128);
}

TEST(MidiReader, RunningStatusLivesOnBehindMetaAndSysex) {
  const std::string track =
      std::string("\x00\x90\x3C\x40\x00\xFF\x01\x02hi\x00\xF0\x02\x01\xF7\x60\x3C\x00", 18) + kEnd;
  const MidiFile file = parse(header(0, 1, 96) + chunk("MTrk", track));
  ASSERT_EQ(file.tracks.at(0).events.size(), 4U);
  EXPECT_EQ(file.tracks[0].events[1].payload, "hi");
  EXPECT_EQ(timed_notes(file).at(0).offset_tick, 96);
}

TEST(MidiReader, SmpteDivision) {
  const std::string track = std::string("\x00\x90\x3C\x40\x64\x80\x3C\x00", 8) + kEnd;
  const MidiFile file = parse(header(0, 1, 0xE728) + chunk("MTrk", track));  // 25 frames of 40 ticks
  EXPECT_EQ(file.ticks_per_quarter, 0);
  EXPECT_DOUBLE_EQ(file.ticks_per_second, 1000.0);
  EXPECT_DOUBLE_EQ(timed_notes(file).at(0).offset, 0.1);
  const MidiFile again = parse_midi(serialize_midi(file), "again");
  EXPECT_DOUBLE_EQ(again.ticks_per_second, 1000.0);
}

TEST(MidiReader, FormatTwoHasOneTempoMapPerTrack) {
  const std::string slow = std::string("\x00\xFF\x51\x03\x0F\x42\x40", 7);
  const std::string note = std::string("\x00\x90\x3C\x40\x60\x80\x3C\x00", 8);
  const MidiFile file = parse(header(2, 2, 96) + chunk("MTrk", slow + note + kEnd) +
                              chunk("MTrk", std::string("\x00\xFF\x51\x03\x07\xA1\x20", 7) + note + kEnd));
  const auto notes = timed_notes(file);
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_DOUBLE_EQ(notes[0].offset, 1.0);
  EXPECT_DOUBLE_EQ(notes[1].offset, 0.5);
}

TEST(MidiReader, JunkBeforeBetweenAndBehindTracks) {
  const std::string track = std::string("\x00\x90\x3C\x40\x60\x80\x3C\x00", 8) + kEnd;
  const std::string riff = "RIFF....RMIDdata....";
  const MidiFile file = parse(riff + header(1, 2, 96) + chunk("XFIH", "unknown") + chunk("MTrk", track) +
                              chunk("MTrk", track) + "trailing");
  EXPECT_EQ(file.tracks.size(), 2U);
  EXPECT_EQ(timed_notes(file).size(), 2U);
}

TEST(MidiReader, LongHeadersAreSkipped) {
  const std::string track = std::string("\x00\x90\x3C\x40\x60\x80\x3C\x00", 8) + kEnd;
  const MidiFile file = parse(chunk("MThd", std::string("\x00\x00\x00\x01\x00\x60more", 10)) + chunk("MTrk", track));
  EXPECT_EQ(timed_notes(file).size(), 1U);
}

TEST(MidiReader, WrongTrackLengthsAreSurvived) {
  const std::string track = std::string("\x00\x90\x3C\x40\x60\x80\x3C\x00", 8) + kEnd;
  for (const std::uint32_t length : {0xFFFFFFFFU, 0x7FFFFFFFU, 14U, 9U}) {
    std::string first = chunk("MTrk", track);
    for (int i = 0; i < 4; ++i) first[4 + static_cast<std::size_t>(i)] = static_cast<char>(length >> (24 - 8 * i));
    const MidiFile file = parse(header(1, 2, 96) + first + chunk("MTrk", track));
    EXPECT_EQ(file.tracks.size(), 2U) << length;
    EXPECT_EQ(timed_notes(file).size(), 2U) << length;
    EXPECT_FALSE(length > 100 && file.warnings.empty());
  }
}

TEST(MidiReader, TruncatedTrackKeepsWhatIsThere) {
  const std::string track = std::string("\x00\x90\x3C\x40\x60\x80\x3C\x00\x00\x90\x40\x40\x60\x80", 14);
  const std::string whole = header(0, 1, 96) + chunk("MTrk", track + std::string("\x40\x00", 2) + kEnd);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const std::string part = whole.substr(0, cut);
    if (cut < 14) {
      EXPECT_THROW(parse(part), Error);
    } else {
      EXPECT_FALSE(parse(part).warnings.empty()) << cut;
    }
  }
  const MidiFile file = parse(whole.substr(0, whole.size() - 6));
  EXPECT_EQ(timed_notes(file).size(), 2U);
}

TEST(MidiReader, NotMidiIsMalformed) {
  for (const std::string text : {"", "ID3 something that is not MIDI at all", "MThd"}) {
    try {
      parse(text);
      ADD_FAILURE() << "accepted: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::malformed);
      EXPECT_NE(std::string(error.what()).find("test.mid"), std::string::npos);
    }
  }
  EXPECT_THROW((void)read_midi_file("/nonexistent.mid"), Error);
}

TEST(MidiReader, RandomDamageNeitherCrashesNorHangs) {
  Random random(7);
  MidiFile file;
  file.tracks.resize(3);
  for (auto& track : file.tracks) {
    for (int i = 0; i < 60; ++i) {
      track.events.push_back(midi_note_on(i * 50, 0, static_cast<int>(random.index(128)), 64));
      track.events.push_back(midi_tempo(i * 50, 500000));
    }
  }
  const auto good = serialize_midi(file);
  for (int round = 0; round < 3000; ++round) {
    auto bad = good;
    const std::size_t damage = 1 + random.index(12);
    for (std::size_t i = 0; i < damage; ++i) bad[random.index(bad.size())] = static_cast<std::byte>(random.next());
    if (random.chance(0.3)) bad.resize(random.index(bad.size()));
    try {
      const MidiFile read = parse_midi(bad, "damaged");
      for (const TimedNote& note : timed_notes(read, SustainPedal::apply)) ASSERT_GE(note.offset_tick, note.onset_tick);
      (void)serialize_midi(read);
    } catch (const Error&) {
    }
  }
}

TEST(MidiNotes, MissingNoteOffsEndAtTheNextOnsetOrTheEnd) {
  MidiFile file;
  MidiTrack track;
  track.events = {midi_note_on(0, 0, 60, 64),   midi_note_on(100, 0, 60, 65), midi_note_off(150, 0, 60),
                  midi_note_on(200, 0, 62, 66), midi_note_on(300, 0, 62, 67), midi_note_off(400, 0, 99)};
  track.length = 500;
  file.tracks = {track};
  const auto notes = timed_notes(file);
  ASSERT_EQ(notes.size(), 4U);
  EXPECT_EQ(notes[0].offset_tick, 100);
  EXPECT_EQ(notes[1].offset_tick, 150);
  EXPECT_EQ(notes[2].offset_tick, 300);
  EXPECT_EQ(notes[3].offset_tick, 500);
}

TEST(MidiNotes, OverlappingNotesOfOnePitchEndInTheirOrder) {
  MidiFile file;
  MidiTrack track;
  track.events = {midi_note_on(0, 0, 60, 64), midi_note_on(10, 0, 60, 65), midi_note_off(20, 0, 60),
                  midi_note_off(30, 0, 60)};
  file.tracks = {track};
  const auto notes = timed_notes(file);
  EXPECT_EQ(notes.at(0).offset_tick, 20);
  EXPECT_EQ(notes.at(1).offset_tick, 30);
}

TEST(MidiNotes, SustainPedalHoldsUntilLiftedOrStruckAgain) {
  MidiFile file;
  MidiTrack track;
  track.events = {midi_control(0, 0, 64, 127),     midi_note_on(0, 0, 60, 64), midi_note_off(10, 0, 60),
                  midi_note_on(0 + 50, 0, 60, 64), midi_note_off(60, 0, 60),   midi_control(100, 0, 64, 0),
                  midi_note_on(110, 0, 64, 64),    midi_note_off(120, 0, 64)};
  file.tracks = {track};
  const auto plain = timed_notes(file);
  EXPECT_EQ(plain.at(0).offset_tick, 10);
  const auto notes = timed_notes(file, SustainPedal::apply);
  EXPECT_EQ(notes.at(0).offset_tick, 50);
  EXPECT_EQ(notes.at(1).offset_tick, 100);
  EXPECT_EQ(notes.at(2).offset_tick, 120);
}

TEST(MidiTempoMapTest, ClosedForm) {
  MidiFile file;
  MidiTrack track;
  track.events = {midi_tempo(480, 1000000), midi_tempo(960, 250000), midi_tempo(960, 2000000)};
  file.tracks = {track};
  const MidiTempoMap map(file);
  EXPECT_DOUBLE_EQ(map.seconds_at(240), 0.25);
  EXPECT_DOUBLE_EQ(map.seconds_at(480), 0.5);
  EXPECT_DOUBLE_EQ(map.seconds_at(960), 1.5);
  EXPECT_DOUBLE_EQ(map.seconds_at(1440), 3.5);
  for (const double tick : {0.0, 100.0, 480.0, 700.0, 960.0, 5000.0})
    EXPECT_NEAR(map.tick_at(map.seconds_at(tick)), tick, 1e-6);
}

MidiEvent random_event(Random& random, std::int64_t tick) {
  const auto number = [&](std::size_t count) { return static_cast<int>(random.index(count)); };
  switch (random.index(7)) {
    case 0:
      return midi_note_on(tick, number(16), number(128), number(128));
    case 1:
      return midi_note_off(tick, number(16), number(128));
    case 2:
      return midi_control(tick, number(16), number(128), number(128));
    case 3:
      return midi_program(tick, number(16), number(128));
    case 4:
      return midi_tempo(tick, static_cast<std::uint32_t>(1 + random.index(0xFFFFFF)));
    case 5:
      return midi_key_signature(tick, number(15) - 7, random.chance(0.5));
    default:
      return midi_text(tick, midi_meta::kText, std::string(random.index(300), 'x'));
  }
}

TEST(MidiRoundTrip, RandomFilesAreReadBackEqual) {
  Random random(3);
  const testing::ScratchFolder folder;
  for (int round = 0; round < 50; ++round) {
    MidiFile file;
    file.format = static_cast<int>(random.index(3));
    file.ticks_per_quarter = static_cast<int>(1 + random.index(0x7FFF));
    file.tracks.resize(file.format == 0 ? 1 : random.index(5));
    for (MidiTrack& track : file.tracks) {
      std::int64_t tick = 0;
      const std::size_t count = random.index(100);
      for (std::size_t i = 0; i < count; ++i) {
        tick += static_cast<std::int64_t>(random.index(random.chance(0.1) ? 300'000'000 : 1000));
        track.events.push_back(random_event(random, tick));
      }
      track.length = tick + static_cast<std::int64_t>(random.index(1000));
    }
    write_midi_file(folder / "a.mid", file);
    MidiFile read = read_midi_file(folder / "a.mid");
    EXPECT_TRUE(read.warnings.empty());
    EXPECT_EQ(read.format, file.format);
    EXPECT_EQ(read.ticks_per_quarter, file.ticks_per_quarter);
    ASSERT_EQ(read.tracks.size(), file.tracks.size());
    for (std::size_t i = 0; i < file.tracks.size(); ++i) {
      auto& events = read.tracks[i].events;  // gaps longer than a delta time were bridged by empty texts
      const auto bridge = [](const MidiEvent& e) { return e.is_meta(midi_meta::kText) && e.payload.empty(); };
      auto expected = file.tracks[i].events;
      events.erase(std::remove_if(events.begin(), events.end(), bridge), events.end());
      expected.erase(std::remove_if(expected.begin(), expected.end(), bridge), expected.end());
      EXPECT_EQ(events, expected);
      EXPECT_EQ(read.tracks[i].length, file.tracks[i].length);
    }
  }
}

TEST(MidiWriter, RefusesWhatNoFileCanHold) {
  MidiFile file;
  MidiTrack track;
  track.events = {midi_note_on(10, 0, 60, 64), midi_note_on(5, 0, 60, 64)};
  file.tracks = {track};
  EXPECT_THROW((void)serialize_midi(file), Error);
  EXPECT_THROW((void)midi_tempo(0, 0), Error);
  EXPECT_THROW((void)midi_tempo(0, 0x1000000), Error);
  file.tracks.clear();
  file.ticks_per_quarter = 0x8000;
  EXPECT_THROW((void)serialize_midi(file), Error);
}

}  // namespace
}  // namespace pop2piano
