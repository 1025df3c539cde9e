// SPDX-License-Identifier: MIT
#include "music/scorefiles/import.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

#include "base/core/output_file.h"
#include "music/random_score.h"
#include "music/scorefiles/musicxml.h"
#include "music/scorefiles/score_midi.h"
#include "scratch_folder.h"
#include "zip_file.h"

namespace pop2piano {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

using Row = std::tuple<int, int, int, Hand>;

std::vector<Row> rows(const Score& score, int shift = 0) {
  std::vector<Row> out;
  for (const Note& note : score.notes) out.emplace_back(note.onset - shift, note.duration, note.pitch, note.hand);
  std::sort(out.begin(), out.end());
  return out;
}

ErrorCode code_of(const std::string& text) {
  try {
    (void)score_from_musicxml(bytes_of(text), "test.musicxml");
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "accepted";
  return ErrorCode::cancelled;
}

TEST(ImportProperty, MusicXmlReadsBackEqual) {
  Random random(31);
  for (int round = 0; round < 60; ++round) {
    const Score score = testing::random_score(random, 12 + random.index(40), 1 + random.index(150), 1);
    const std::string text = score_to_musicxml(score, {.exact_durations = true});
    const Imported imported = score_from_musicxml(bytes_of(text), "round trip");
    const int shift = score.notes.front().onset - imported.score.notes.front().onset;
    ASSERT_EQ(shift % kStepsPerBeat, 0);
    ASSERT_EQ(rows(imported.score), rows(score, shift)) << "round " << round;
  }
}

TEST(ImportProperty, MidiReadsBackEqual) {
  Random random(32);
  for (int round = 0; round < 60; ++round) {
    Score score = testing::random_score(random, 30 + random.index(60), 100 + random.index(200), 3);
    const Imported imported = score_from_midi(score_to_midi(score, {.tempo = MidiTempo::constant}), "round trip");
    const int shift = score.notes.front().onset - imported.score.notes.front().onset;
    ASSERT_EQ(shift % kStepsPerBeat, 0);
    ASSERT_EQ(rows(imported.score), rows(score, shift)) << "round " << round;
    ASSERT_LT(imported.deviation, 0.02);
  }
}

TEST(ImportMidi, AMomentBeforeTheFirstBeatIsNoBar) {
  MidiFile file;  // a lead-in of 8 ms as a bar of one quarter: 7500 a minute
  MidiTrack conductor, piano;
  conductor.events = {midi_time_signature(0, 1, 2), midi_tempo(0, 8'000), midi_time_signature(480, 4, 2),
                      midi_tempo(480, 400'000)};
  conductor.length = std::int64_t{480} * 17;
  for (int i = 0; i < 16; ++i) {
    piano.events.push_back(midi_note_on(std::int64_t{480} * (i + 1), 0, 60 + i % 12, 80));
    piano.events.push_back(midi_note_off(480 * (i + 1) + 240, 0, 60 + i % 12));
  }
  file.tracks = {conductor, piano};
  const Score score = score_from_midi(file, "lead-in").score;
  EXPECT_NEAR(score.grid.times.front(), 0.008, 1e-6);
  EXPECT_EQ(score.grid.numbers.front(), 1);
  EXPECT_EQ(score.notes.front().onset, 0);
  const MidiFile again = score_to_midi(score);
  const MidiTempoMap map(again);
  for (const MidiTempoMap::Segment& segment : map.segments()) {
    EXPECT_GE(segment.seconds_per_tick * again.ticks_per_quarter, 0.2 - 1e-9);  // 300 a minute
  }
  EXPECT_NEAR(timed_notes(again).front().onset, 0.008, 1e-3);
  EXPECT_EQ(timed_notes(again).at(4).onset_tick, 4 * 480);
  const std::string page = score_to_musicxml(score);
  EXPECT_NE(page.find("<sound tempo=\"150\""), std::string::npos);
  EXPECT_EQ(page.find("implicit"), std::string::npos);
}

TEST(ImportMidi, FindsTheFirstBeatWithinItsQuarter) {
  for (const double lead_in : {0.003, 0.05, 0.19}) {
    Score score;
    score.grid = {.times = {}, .numbers = {}, .confidence = {}};
    for (int i = 0; i < 16; ++i) {
      score.grid.times.push_back(lead_in + 0.3 * i);
      score.grid.numbers.push_back(i % 4 + 1);
      score.notes.push_back({.onset = i * 12, .duration = 6, .pitch = static_cast<std::int16_t>(60 + i)});
    }
    const Score again = score_from_midi(score_to_midi(score), "round trip").score;
    EXPECT_NEAR(again.grid.times.front(), lead_in, 5e-4);  // the nearest tick
    EXPECT_NEAR(again.grid.times.at(1), lead_in + 0.3, 1e-5);
    EXPECT_EQ(rows(again), rows(score_from_midi(score_to_midi(score, {.tempo = MidiTempo::constant}), "same").score));
  }
}

TEST(ImportMidi, OwnBeatsReplaceTheFilesTempo) {
  MidiFile file;  // played freely at 100 per minute, saved at 120
  MidiTrack track;
  track.events = {midi_text(0, midi_meta::kTrackName, "Piano")};
  for (int i = 0; i < 32; ++i) {
    const auto tick = static_cast<std::int64_t>(576.0 * i * 0.5 + 100);
    track.events.push_back(midi_note_on(tick, 0, 60 + i % 5, 80));
    track.events.push_back(midi_note_off(tick + 200, 0, 60 + i % 5));
  }
  file.tracks = {track};
  BeatGrid grid;
  for (int i = 0; i < 20; ++i) {
    grid.times.push_back(100.0 / 960 + 0.6 * i);
    grid.numbers.push_back(i % 4 + 1);
  }
  EXPECT_GT(score_from_midi(file, "free").deviation, 0.04);
  const Imported imported = score_from_midi(file, "free", {.grid = grid});
  EXPECT_LT(imported.deviation, 0.02);
  for (int i = 0; i < 32; ++i) EXPECT_EQ(imported.score.notes[static_cast<std::size_t>(i)].onset, 6 * i);
}

TEST(ImportMidi, MetreKeyMelodyAndHandsComeFromTheFile) {
  MidiFile file;
  MidiTrack conductor, melody, left, drums;
  conductor.events = {midi_text(0, midi_meta::kTrackName, "Song"), midi_time_signature(0, 6, 3),
                      midi_key_signature(0, -2, false)};
  melody.events = {midi_text(0, midi_meta::kTrackName, "Vocal Melody"), midi_note_on(0, 0, 72, 90),
                   midi_note_off(480, 0, 72)};
  left.events = {midi_text(0, midi_meta::kTrackName, "Left Hand"), midi_note_on(0, 1, 40, 70),
                 midi_note_off(std::int64_t{1440} * 3, 1, 40)};
  drums.events = {midi_note_on(0, 9, 36, 100), midi_note_off(10, 9, 36)};
  file.tracks = {conductor, melody, left, drums};
  const Imported imported = score_from_midi(file, "song");
  EXPECT_EQ(imported.score.title, "Song");
  EXPECT_EQ(imported.score.grid.beats_per_bar, 2);  // dotted quarters
  EXPECT_EQ(imported.score.grid.lengths[0], 24);
  EXPECT_EQ(imported.score.grid.metres, (std::vector<MetreSpan>{{0, 6, 8}}));
  EXPECT_EQ(*imported.score.key, (Key{-2, false}));
  ASSERT_EQ(imported.score.notes.size(), 2U);
  EXPECT_EQ(imported.score.notes[0].voice, Voice::melody);
  EXPECT_TRUE(imported.names_melody);
  EXPECT_EQ(imported.score.notes[1].hand, Hand::left);
}

TEST(ImportMidi, OnlyDrumsOrNothingIsAClearError) {
  MidiFile file;
  MidiTrack drums;
  drums.events = {midi_note_on(0, 9, 36, 100), midi_note_off(10, 9, 36)};
  file.tracks = {drums};
  try {
    (void)score_from_midi(file, "drums.mid");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::nothing_found);
    EXPECT_NE(std::string(error.what()).find("percussion"), std::string::npos);
  }
}

TEST(ImportMidi, FortyTracksAndOddMetres) {
  Random random(3);
  for (int round = 0; round < 100; ++round) {
    MidiFile file;
    file.ticks_per_quarter = 1 + static_cast<int>(random.index(2000));
    file.tracks.resize(40);
    for (MidiTrack& track : file.tracks) {
      std::int64_t tick = 0;
      for (int i = 0; i < 10; ++i) {
        tick += static_cast<std::int64_t>(random.index(3000));
        if (random.chance(0.1))
          track.events.push_back(
              midi_time_signature(tick, static_cast<int>(random.index(256)), static_cast<int>(random.index(12))));
        if (random.chance(0.1))
          track.events.push_back(midi_tempo(tick, static_cast<std::uint32_t>(1 + random.index(0x3FFFFF))));
        track.events.push_back(
            midi_note_on(tick, static_cast<int>(random.index(16)), static_cast<int>(random.index(128)), 64));
      }
      track.length = tick;
    }
    const Imported imported = score_from_midi(file, "forty");
    imported.score.grid.validate();
    (void)score_to_midi(imported.score);
    (void)score_to_musicxml(imported.score);
  }
}

TEST(ImportMusicXml, TransposingPartsGraceNotesChordsAndPickup) {
  const std::string text = R"(<?xml version="1.0"?><score-partwise version="3.1"><work><work-title>T</work-title></work>
<part-list><score-part id="P1"><part-name>C</part-name></score-part></part-list><part id="P1">
<measure number="0" implicit="yes"><attributes><divisions>2</divisions><key><fifths>0</fifths></key><time><beats>3</beats><beat-type>4</beat-type></time>
<transpose><chromatic>-2</chromatic></transpose></attributes><sound tempo="90"/>
<note><pitch><step>D</step><octave>5</octave></pitch><duration>2</duration></note></measure>
<measure number="1"><note><grace/><pitch><step>A</step><octave>5</octave></pitch></note>
<note><pitch><step>E</step><octave>5</octave></pitch><duration>6</duration><tie type="start"/></note>
<note><chord/><pitch><step>G</step><octave>5</octave></pitch><duration>6</duration></note></measure>
<measure number="2"><note><pitch><step>E</step><octave>5</octave></pitch><duration>6</duration><tie type="stop"/></note></measure>
</part></score-partwise>)";
  const Imported imported = score_from_musicxml(bytes_of(text), "test");
  EXPECT_EQ(rows(imported.score),
            (std::vector<Row>{{0, 12, 72, Hand::right}, {12, 36, 77, Hand::right}, {12, 72, 74, Hand::right}}));
  EXPECT_EQ(imported.score.grid.beats_per_bar, 3);
  EXPECT_EQ(imported.score.grid.numbers[0], 3);
  EXPECT_EQ(imported.score.grid.numbers[1], 1);
  EXPECT_NEAR(imported.score.grid.times[1], 60.0 / 90, 1e-9);
}

TEST(ImportMusicXml, CompressedFiles) {
  Random random(5);
  const Score score = testing::random_score(random, 20, 50, 3);
  const testing::ScratchFolder folder;
  write_musicxml(folder / "score.xml", score, {.exact_durations = true});
  const std::string container = "<container><rootfiles><rootfile full-path=\"a/score.xml\"/></rootfiles></container>";
  const std::string plain = score_to_musicxml(score, {.exact_durations = true});
  std::string archive =
      testing::zip_file({{"META-INF/container.xml", container, true}, {.name = "a/score.xml", .content = plain}});
  write_file(folder / "score.mxl", archive);
  const Imported imported = import_score(folder / "score.mxl");
  EXPECT_EQ(rows(imported.score), rows(import_score(folder / "score.xml").score));
  archive[archive.find("<octave>") + 8] ^= 1;  // another octave: only the checksum can tell
  write_file(folder / "score.mxl", archive);
  try {
    (void)import_score(folder / "score.mxl");
    ADD_FAILURE() << "a damaged archive was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::malformed);
    EXPECT_NE(std::string(error.what()).find("checksum"), std::string::npos) << error.what();
  }
}

TEST(ImportMusicXml, ArchivesWithoutContainerAndPlainTextNamedMxl) {
  Random random(6);
  const Score score = testing::random_score(random, 20, 50, 3);
  const std::string plain = score_to_musicxml(score, {.exact_durations = true});
  const testing::ScratchFolder folder;
  write_file(folder / "plain.mxl", plain);
  const auto expected = rows(import_score(folder / "plain.mxl").score);
  const testing::ZipEntry beside{.name = "__MACOSX/._score.xml", .content = "x"},
      picture{.name = "a.png", .content = "x"}, one{.name = "score.xml", .content = plain, .deflated = true},
      other{.name = "other.musicxml", .content = plain};
  const testing::ZipEntry wrong{
      .name = "META-INF/container.xml",
      .content = "<container><rootfiles><rootfile full-path=\"gone.xml\"/></rootfiles></container>"};
  write_file(folder / "lone.mxl", testing::zip_file({beside, picture, one}));
  EXPECT_EQ(rows(import_score(folder / "lone.mxl").score), expected);
  write_file(folder / "wrong.mxl", testing::zip_file({wrong, one}));
  EXPECT_EQ(rows(import_score(folder / "wrong.mxl").score), expected);
  const testing::ZipEntry several{
      .name = "META-INF/container.xml",
      .content =
          "<container><rootfiles><rootfile full-path=\"score.pdf\" media-type="
          "\"application/pdf\"/><rootfile full-path=\"score.xml\"/></rootfiles></container>"},
      page{.name = "score.pdf", .content = "%PDF"}, backslash{.name = "META-INF\\container.xml", .content = "x"};
  for (const auto& entries : {std::vector{several, page, other, one}, std::vector{backslash, one}}) {
    write_file(folder / "roots.mxl", testing::zip_file(entries));
    EXPECT_EQ(rows(import_score(folder / "roots.mxl").score), expected);
  }
  for (const auto& entries : {std::vector{one, other}, std::vector{picture}}) {
    write_file(folder / "several.mxl", testing::zip_file(entries));
    try {
      (void)import_score(folder / "several.mxl");
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::malformed);
      EXPECT_NE(std::string(error.what()).find("found " + std::string(entries.size() == 2 ? "2" : "0")),
                std::string::npos)
          << error.what();
    }
  }
}

TEST(ImportMusicXml, NamesMayHaveANamespacePrefix) {
  const std::string score =
      "<m:score-partwise xmlns:m=\"urn:any\"><m:part-list/><m:part "
      "id=\"P1\"><m:measure><m:note><m:pitch><m:step>C</m:step>"
      "<m:octave>4</m:octave></m:pitch><m:duration>1</m:duration></m:note></m:measure></m:part></m:score-partwise>";
  const testing::ZipEntry container{
      .name = "META-INF/container.xml",
      .content =
          "<c:container xmlns:c=\"urn:oasis:names:tc:opendocument:xmlns:container\"><c:rootfiles>"
          "<c:rootfile full-path=\"score.xml\"/></c:rootfiles></c:container>"};
  const testing::ZipEntry wanted{.name = "score.xml", .content = score}, other{.name = "other.xml", .content = "<x/>"};
  const testing::ScratchFolder folder;
  write_file(folder / "a.musicxml", score);
  write_file(folder / "b.mxl", testing::zip_file({container, other, wanted}));
  for (const char* name : {"a.musicxml", "b.mxl"}) {
    const Score read = import_score(folder / name).score;
    ASSERT_EQ(read.notes.size(), 1U) << name;
    EXPECT_EQ(read.notes.front().pitch, 60) << name;
  }
}

TEST(ImportMusicXml, Utf16IsReadWithoutItsMark) {
  const std::string plain =
      "<score-partwise><part-list/><part id=\"P1\"><measure><note><pitch><step>C</step><octave>4</octave></pitch>"
      "<duration>1</duration></note></measure></part></score-partwise>";
  const testing::ScratchFolder folder;
  std::string big, little;
  for (const char c : plain) {
    big += {'\0', c};
    little += {c, '\0'};
  }
  for (const std::string& text : {big, little}) {
    write_file(folder / "wide.xml", text);
    EXPECT_EQ(import_score(folder / "wide.xml").score.notes.size(), 1U);
  }
}

TEST(ImportMusicXml, BombsAndOtherDocuments) {
  std::string deep;
  for (int i = 0; i < 200'000; ++i) deep += "<a>";
  EXPECT_EQ(code_of(deep), ErrorCode::malformed);
  const std::string laughs =
      "<?xml version=\"1.0\"?><!DOCTYPE score-partwise [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;\">]>"
      "<score-partwise><part><measure><note><pitch><step>&b;</step></pitch></note></measure></part></score-partwise>";
  const Imported imported = score_from_musicxml(bytes_of(laughs), "laughs");
  EXPECT_EQ(imported.score.notes.size(), 1U);
  EXPECT_EQ(code_of("<html/>"), ErrorCode::malformed);
  EXPECT_EQ(code_of(""), ErrorCode::malformed);
  EXPECT_EQ(code_of("<score-timewise/>"), ErrorCode::unsupported);
  EXPECT_EQ(code_of("<score-partwise/>"), ErrorCode::nothing_found);
}

TEST(ImportMusicXml, RandomDamageNeitherCrashesNorHangs) {
  Random random(17);
  const std::string good = score_to_musicxml(testing::random_score(random, 12, 40, 3));
  for (int round = 0; round < 300; ++round) {
    std::string bad = good;
    for (std::size_t i = 0, count = 1 + random.index(20); i < count; ++i) {
      const std::size_t at = random.index(bad.size());
      if (random.chance(0.5)) {
        bad[at] = static_cast<char>(random.next());
      } else {
        bad.replace(at, random.index(30), std::to_string(static_cast<std::int64_t>(random.next())));
      }
    }
    try {
      const Imported imported = score_from_musicxml(bytes_of(bad), "damaged");
      imported.score.grid.validate();
      (void)score_to_midi(imported.score);
    } catch (const Error&) {
    }
  }
}

TEST(ImportZip, DamagedArchivesAreMalformed) {
  Random random(18);
  const testing::ScratchFolder folder;
  for (int round = 0; round < 200; ++round) {
    std::string bytes("PK\x03\x04", 4);
    for (std::size_t i = 0, count = random.index(300); i < count; ++i) bytes += static_cast<char>(random.next());
    bytes += std::string("PK\x05\x06", 4) + std::string(6, '\0') + '\x01' + std::string(5, '\0');
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(random.index(60));
    bytes += std::string(2, '\0');
    write_file(folder / "bad.mxl", bytes);
    EXPECT_THROW((void)import_score(folder / "bad.mxl"), Error);
  }
}

}  // namespace
}  // namespace pop2piano
