// SPDX-License-Identifier: MIT
#include "music/scorefiles/musicxml.h"

#include <pop2piano/error.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include <gtest/gtest.h>
#include <pugixml.hpp>

#include "base/core/output_file.h"
#include "music/arrange/hands.h"
#include "music/parsed_musicxml.h"
#include "music/random_score.h"
#include "music/score/key_spans.h"
#include "music/scorefiles/small_musicxml.h"
#include "scratch_folder.h"

namespace pop2piano {
namespace {

using testing::parse_musicxml;
using testing::ParsedMusicXml;
using testing::ParsedNote;

Score small_score() {
  Score score;
  score.title = "Small";
  score.key = Key{-1, false};
  for (int i = 0; i < 16; ++i) {
    score.grid.times.push_back(0.5 * i);
    score.grid.numbers.push_back(i % 4 + 1);
  }
  for (int i = 0; i < 8; ++i) {
    score.notes.push_back({.onset = 24 * i,
                           .duration = 24,
                           .pitch = static_cast<std::int16_t>(65 + i),
                           .voice = Voice::melody,
                           .hand = Hand::right});
    score.notes.push_back({.onset = 24 * i + 12, .duration = 12, .pitch = 48, .hand = Hand::left});
  }
  return score;
}

std::vector<ParsedNote> expected_notes(const Score& score, int first_step) {
  std::vector<ParsedNote> notes;
  for (const Note& note : score.notes) {
    notes.push_back({note.onset - first_step, note.duration, note.pitch, note.hand == Hand::right ? 1 : 2});
  }
  std::sort(notes.begin(), notes.end());
  return notes;
}

/// 0 when the schema accepts the file; -1 when there is no xmllint.
int validate(const std::filesystem::path& file, std::string& message) {
  if (std::system("command -v xmllint >/dev/null 2>&1") != 0) return -1;
  const std::string data = POP2PIANO_TEST_DATA "/musicxml/";
  const std::string log = file.string() + ".log";
  const std::string command = "XML_CATALOG_FILES=" + data + "catalog.xml xmllint --nonet --noout --schema " + data +
                              "musicxml.xsd " + file.string() + " >" + log + " 2>&1";
  const int status = std::system(command.c_str());
  std::ifstream in(log);
  std::ostringstream text;
  text << in.rdbuf();
  message = text.str();
  return status == 0 ? 0 : 1;
}

TEST(XmlText, KeepsWhatXmlCanHoldAndReplacesTheRest) {
  EXPECT_EQ(xml_text("Ça <&> 歌 🎹"), "Ça <&> 歌 🎹");
  EXPECT_EQ(xml_text("a\nb\tc\x7F"), "a b c ");
  EXPECT_EQ(xml_text("Bj\xF6rk"), "Bj\uFFFDrk");
  EXPECT_EQ(xml_text("cut \xE6\xAD"), "cut \uFFFD\uFFFD");
  EXPECT_EQ(xml_text("a\xEF\xBF\xBEz\xEF\xBF\xBF"), "a\uFFFDz\uFFFD");  // no characters: XML 1.0 forbids them
}

TEST(MusicXml, SmallScoreReadsBack) {
  const Score score = small_score();
  const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score));
  EXPECT_EQ(parsed.faults, std::vector<std::string>{});
  EXPECT_EQ(parsed.notes, expected_notes(score, 0));
  EXPECT_EQ(parsed.measure_lengths, (std::vector<int>{48, 48, 48, 48}));
  const pugi::xml_node root = parsed.document.child("score-partwise");
  EXPECT_STREQ(root.attribute("version").value(), "4.0");
  EXPECT_STREQ(root.child("work").child("work-title").text().get(), "Small");
  const pugi::xml_node first = root.child("part").child("measure");
  EXPECT_EQ(first.child("attributes").child("key").child("fifths").text().as_int(), -1);
  EXPECT_EQ(first.child("attributes").child("staves").text().as_int(), 2);
  EXPECT_EQ(first.child("direction").child("sound").attribute("tempo").as_int(), 120);
}

// The number of a note in the report and in the order of the score; tied pieces have numbers of their own.
TEST(MusicXml, NotesAreNamedByTheirNumber) {
  Score score = small_score();
  score.notes.front().duration = 72;  // over the first barline
  score.notes.erase(score.notes.begin() + 4);
  score.notes.erase(score.notes.begin() + 2);
  sort_notes(score.notes);
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(score_to_musicxml(score).c_str()));
  std::map<std::string, int> steps;  // pitch class and octave by identifier
  for (const auto& found : document.select_nodes("//note[pitch]")) {
    const pugi::xml_node pitch = found.node().child("pitch");
    const std::string id = found.node().attribute("id").value();
    constexpr std::string_view kSteps = "C D EF G A B";
    const int number = 12 * (pitch.child("octave").text().as_int() + 1) +
                       static_cast<int>(kSteps.find(pitch.child_value("step"))) + pitch.child("alter").text().as_int();
    EXPECT_TRUE(steps.emplace(id, number).second) << id;
  }
  for (std::size_t i = 0; i < score.notes.size(); ++i) {
    EXPECT_EQ(steps["n" + std::to_string(i)], score.notes[i].pitch) << i;
  }
  EXPECT_EQ(steps["n0.2"], score.notes[0].pitch);
}

TEST(MusicXml, PickupBarIsImplicitAndMetreChangesAreWritten) {
  Score score = small_score();
  score.grid.numbers = {4, 1, 2, 3, 4, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4};
  const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score));
  EXPECT_EQ(parsed.faults, std::vector<std::string>{});
  EXPECT_EQ(parsed.measure_lengths, (std::vector<int>{12, 48, 36, 48, 48}));
  const pugi::xml_node first = parsed.document.child("score-partwise").child("part").child("measure");
  EXPECT_STREQ(first.attribute("number").value(), "0");
  EXPECT_STREQ(first.attribute("implicit").value(), "yes");
}

TEST(MusicXml, ABarThatStartsWithHalfABarOfSilenceBecomesAPickup) {
  Score score = small_score();
  std::erase_if(score.notes, [](const Note& note) { return note.onset < 48 + 36; });
  const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score));
  EXPECT_EQ(parsed.measure_lengths, (std::vector<int>{12, 48, 48}));
}

TEST(MusicXml, TitlesAreEscapedAndCleaned) {
  Score score = small_score();
  score.title = "\"Rock <&> 'Roll'\" 歌 \x01\xFF\n\xC0\xAF";
  const testing::ScratchFolder folder;
  write_musicxml(folder / "a.musicxml", score, {.composer = "A & B"});
  std::string message;
  const int status = validate(folder / "a.musicxml", message);
  if (status < 0) GTEST_SKIP() << "xmllint (libxml2-utils) is not installed";
  EXPECT_EQ(status, 0) << message;
  const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score));
  EXPECT_STREQ(parsed.document.child("score-partwise").child("work").child("work-title").text().get(),
               "\"Rock <&> 'Roll'\" 歌  \xEF\xBF\xBD \xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(MusicXml, LongTitlesAreWrittenInLinesAndReadInOne) {
  const auto written = [](const std::string& title) {
    Score score = small_score();
    score.title = title;
    const std::string xml = score_to_musicxml(score);
    const std::size_t start = xml.find("<work-title>") + 12;
    EXPECT_EQ(testing::read_xml(xml).score.title, title);
    return xml.substr(start, xml.find("</work-title>") - start);
  };
  EXPECT_EQ(written("Mr. Fancy Pants"), "Mr. Fancy Pants");
  EXPECT_EQ(written("Slow Motion Dream (feat. CSoul, Alex Beroza and Robert Siekawitch)"),
            "Slow Motion Dream (feat. CSoul, Alex Beroza\nand Robert Siekawitch)");
  const std::string word(60, 'x'), chinese = "\xE5\xAD\x97\xE5\xAD\x97\xE5\xAD\x97\xE5\xAD\x97\xE5\xAD\x97\xE5\xAD\x97";
  EXPECT_EQ(written(word + " " + word), word + "\n" + word);
  EXPECT_EQ(written(chinese + " " + chinese + " " + chinese + " " + chinese),
            chinese + " " + chinese + " " + chinese + "\n" + chinese);
}

TEST(MusicXml, WithoutNotesItIsOneEmptyBar) {
  Score score = small_score();
  score.notes.clear();
  const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score));
  EXPECT_EQ(parsed.faults, std::vector<std::string>{});
  EXPECT_EQ(parsed.measure_lengths, std::vector<int>{48});
}

TEST(MusicXml, TripletsAreMarked) {
  Score score = small_score();
  score.notes.clear();
  for (int i = 0; i < 12; ++i) {
    score.notes.push_back({.onset = 4 * i, .duration = 4, .pitch = 72, .voice = Voice::melody, .hand = Hand::right});
  }
  const std::string text = score_to_musicxml(score);
  const ParsedMusicXml parsed = parse_musicxml(text);
  EXPECT_EQ(parsed.faults, std::vector<std::string>{});
  EXPECT_EQ(parsed.notes, expected_notes(score, 0));
  std::size_t starts = 0;
  for (std::size_t at = 0; (at = text.find("<tuplet type=\"start\"", at)) != std::string::npos; ++at) ++starts;
  EXPECT_EQ(starts, 4U);
}

TEST(MusicXml, SwungEighthsAreWrittenStraightWithAMark) {
  Score score = small_score();
  score.notes.clear();
  for (int beat = 0; beat < 16; ++beat) {
    score.notes.push_back(
        {.onset = 12 * beat, .duration = 8, .pitch = 72, .voice = Voice::melody, .hand = Hand::right});
    score.notes.push_back(
        {.onset = 12 * beat + 8, .duration = 4, .pitch = 74, .voice = Voice::melody, .hand = Hand::right});
  }
  const std::string text = score_to_musicxml(score);
  EXPECT_NE(text.find(">Swing<"), std::string::npos);
  EXPECT_EQ(text.find("<tuplet"), std::string::npos);
  const ParsedMusicXml parsed = parse_musicxml(text);
  EXPECT_EQ(parsed.faults, std::vector<std::string>{});
  for (std::size_t i = 0; i < parsed.notes.size(); ++i) EXPECT_EQ(parsed.notes[i].onset, 6 * static_cast<int>(i));
  EXPECT_EQ(score_to_musicxml(score, {.exact_durations = true}).find(">Swing<"), std::string::npos);
}

TEST(MusicXml, AScoreThatSwingsSaysSoAndIsWrittenStraight) {
  Score score = small_score();
  score.notes.clear();
  for (int beat = 0; beat < 8; ++beat) {
    const int half = beat == 2 ? 8 : 6;  // here and there a network writes it where it sounds
    score.notes.push_back({.onset = 12 * beat, .duration = half, .pitch = 72, .voice = Voice::melody});
    score.notes.push_back({.onset = 12 * beat + half, .duration = 12 - half, .pitch = 74, .voice = Voice::melody});
  }
  const std::string straight = score_to_musicxml(score);
  EXPECT_EQ(straight.find("swing"), std::string::npos);
  score.swing = {.ratio = 1.52};
  const std::string text = score_to_musicxml(score);
  EXPECT_NE(text.find(">Swing<"), std::string::npos);
  pugi::xml_document document = std::move(parse_musicxml(text).document);
  // MusicXML 4.0 has it as an element of <sound>; the schema of 3.1 that the tests hold has not.
  const auto swing = document.select_node("//direction/sound/swing").node();
  EXPECT_EQ(swing.child("first").text().as_int(), 3);
  EXPECT_EQ(swing.child("second").text().as_int(), 2);
  EXPECT_STREQ(swing.child("swing-type").text().get(), "eighth");
  const ParsedMusicXml parsed = parse_musicxml(text);
  EXPECT_EQ(parsed.faults, std::vector<std::string>{});
  for (std::size_t i = 0; i < parsed.notes.size(); ++i) EXPECT_EQ(parsed.notes[i].onset, 6 * static_cast<int>(i));
  score.swing = {.ratio = 2.0, .pair = 6};
  EXPECT_NE(score_to_musicxml(score).find(">Swing 16ths<"), std::string::npos);
}

TEST(MusicXml, MarksStandWhereTheyBelong) {
  Score score = small_score();
  for (Note& note : score.notes) note.velocity = note.onset < 96 ? 50 : 95;
  for (int i = 0; i < 4; ++i) {
    score.notes.push_back({.onset = 144 + 12 * i, .duration = 12, .pitch = 107, .velocity = 95, .hand = Hand::right});
  }
  resolve_overlaps(score.notes);
  const std::string text = score_to_musicxml(score);
  EXPECT_EQ(parse_musicxml(text).faults, std::vector<std::string>{});
  EXPECT_NE(text.find("<octave-shift type=\"down\" size=\"8\""), std::string::npos);
  EXPECT_NE(text.find("<octave-shift type=\"stop\""), std::string::npos);
  EXPECT_NE(text.find("<harmony"), std::string::npos);
  EXPECT_NE(text.find("<pedal type=\"start\""), std::string::npos);
  EXPECT_NE(text.find("<mf />"), std::string::npos);
  const std::string plain = score_to_musicxml(score, {.chord_symbols = false, .dynamics = false, .pedal = false});
  EXPECT_EQ(plain.find("<harmony"), std::string::npos);
  EXPECT_EQ(plain.find("<pedal"), std::string::npos);
  EXPECT_EQ(plain.find("<dynamics>"), std::string::npos);
}

TEST(MusicXml, PedalLinesChangeWhereTheLeftHandsStaffDoes) {
  Score score = small_score();  // left: a rest, a note, a rest, a note
  for (Note& note : score.notes) {
    if (note.hand == Hand::left) note.duration = 6;
  }
  score.notes.push_back({.onset = 48, .duration = 48, .pitch = 43, .hand = Hand::left});  // one note through bar 2
  std::erase_if(score.notes, [](const Note& n) { return n.hand == Hand::left && n.onset > 48 && n.onset < 96; });
  for (int beat = 0; beat < 16; ++beat) {
    score.chords.push_back({.first_beat = beat, .beats = 1, .root = beat % 12, .quality = ChordQuality::major});
  }
  const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score));
  EXPECT_EQ(parsed.faults, std::vector<std::string>{});
  const auto downs = [&](const char* bar) {
    return parsed.document.select_nodes(("//measure[@number='" + std::string(bar) + "']//pedal[@type='start']").c_str())
        .size();
  };
  EXPECT_EQ(downs("1"), 4U);
  EXPECT_EQ(downs("2"), 1U);
  EXPECT_TRUE(parsed.document.select_nodes("//direction[direction-type/pedal]/offset").empty());
  EXPECT_EQ(parsed.document.select_nodes("//pedal[@type='start']").size(),
            parsed.document.select_nodes("//pedal[@type='stop']").size());
}

TEST(MusicXml, AccompanimentStruckOnABeatLastsToItsEnd) {
  Score score = small_score();
  score.notes.clear();
  for (int beat = 0; beat < 4; ++beat) {
    score.notes.push_back({.onset = 12 * beat, .duration = 6, .pitch = 43, .hand = Hand::left});
    score.notes.push_back(
        {.onset = 12 * beat + 6, .duration = 6, .pitch = 72, .voice = Voice::melody, .hand = Hand::right});
  }
  const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score));
  for (const ParsedNote& note : parsed.notes) EXPECT_EQ(note.duration, note.pitch == 43 ? 12 : 6) << note.onset;
}

/// The number of the bar in which `element` holds the text; 0: none.
int bar_of(const std::string& text, const std::string& element, const std::string& content) {
  const ParsedMusicXml parsed = parse_musicxml(text);
  const std::string path = "//measure[.//" + element + "='" + content + "']";
  return parsed.document.select_node(path.c_str()).node().attribute("number").as_int();
}

/// Bars of four quarters on one chord; tempo of each bar per minute.
Score bars_at(const std::vector<double>& tempos) {
  Score score;
  double time = 0.0;
  for (const double tempo : tempos) {
    for (int beat = 0; beat < 4; ++beat) {
      const int onset = static_cast<int>(score.grid.size()) * kStepsPerBeat;
      score.notes.push_back({.onset = onset, .duration = 12, .pitch = 60, .hand = Hand::right});
      score.grid.times.push_back(time);
      score.grid.numbers.push_back(beat + 1);
      time += 60.0 / tempo;
    }
  }
  score.grid.times.push_back(time);
  score.grid.numbers.push_back(1);
  return score;
}

TEST(MusicXml, TempoMarksWhereTheTempoTrulyChanges) {
  std::vector<double> steady(16, 120.0);
  EXPECT_EQ(bar_of(score_to_musicxml(bars_at(steady)), "per-minute", "120"), 1);
  EXPECT_EQ(bar_of(score_to_musicxml(bars_at(steady)), "words", "rit."), 0);
  std::vector<double> held_back = steady;
  held_back[7] = 105.0;
  held_back[8] = 90.0;
  const std::string text = score_to_musicxml(bars_at(held_back));
  EXPECT_EQ(bar_of(text, "words", "rit."), 8);
  EXPECT_EQ(bar_of(text, "words", "a tempo"), 10);
  held_back = steady;
  held_back[14] = 100.0;
  held_back[15] = 70.0;
  EXPECT_EQ(bar_of(score_to_musicxml(bars_at(held_back)), "words", "rit."), 15);
  EXPECT_EQ(bar_of(score_to_musicxml(bars_at(held_back)), "words", "a tempo"), 0);
  std::vector<double> faster = steady;
  std::fill(faster.begin() + 8, faster.end(), 140.0);
  EXPECT_EQ(bar_of(score_to_musicxml(bars_at(faster)), "per-minute", "140"), 9);
  EXPECT_EQ(bar_of(score_to_musicxml(bars_at(faster), {.tempo_changes = false}), "per-minute", "140"), 0);
}

TEST(MusicXml, OnlyThePrintedTempoIsRounded) {
  const std::pair<double, const char*> cases[] = {
      {67.5, "67.5"}, {202.0 / 3.0, "67.333"}, {19.5, "19.5"}, {120.0, "120"}, {59.9999999, "60"}};
  for (const auto& [tempo, expected] : cases) {
    const std::string text = score_to_musicxml(bars_at(std::vector<double>(16, tempo)));
    EXPECT_NE(text.find("<sound tempo=\"" + std::string(expected) + "\""), std::string::npos) << tempo;
    EXPECT_EQ(bar_of(text, "per-minute", std::to_string(std::lround(tempo))), 1) << tempo;
  }
}

TEST(MusicXml, FingersStandWithTheNotes) {
  const Score score = small_score();
  EXPECT_EQ(score_to_musicxml(score).find("<fingering"), std::string::npos);
  const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score, {.fingering = true}));
  EXPECT_EQ(parsed.document.select_nodes("//fingering").size(), 9U);  // of 16: what is struck again is not shown again
}

std::vector<std::string> left_clefs(const Score& score) {
  const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score));
  std::vector<std::string> signs;
  for (const pugi::xml_node measure : parsed.document.child("score-partwise").child("part").children("measure")) {
    for (const pugi::xml_node clef : measure.child("attributes").children("clef")) {
      if (clef.attribute("number").as_int() == 2) signs.emplace_back(clef.child("sign").text().get());
    }
  }
  return signs;
}

TEST(MusicXml, AHighLeftHandIsWrittenInTheTrebleClef) {
  Score score = small_score();
  for (Note& note : score.notes) {
    if (note.hand == Hand::left) note.pitch = note.onset < 96 ? 45 : 62;
  }
  EXPECT_EQ(left_clefs(score), std::vector<std::string>{"F"}) << "a few ledger lines are no reason";
  for (Note& note : score.notes) {
    if (note.hand == Hand::left && note.onset >= 96) note.pitch = 76;
  }
  EXPECT_EQ(left_clefs(score), (std::vector<std::string>{"F", "G"}));
}

TEST(MusicXml, UnwritableScoresAreRefused) {
  Score score = small_score();
  score.notes[0].onset = 2'000'000'000;
  EXPECT_THROW((void)score_to_musicxml(score), Error);
  score = small_score();
  EXPECT_THROW(write_musicxml("/nonexistent/folder/a.musicxml", score), Error);
}

TEST(MusicXmlProperty, ExactDurationsReadBackEqual) {
  Random random(21);
  for (int round = 0; round < 120; ++round) {
    const int unit = std::vector{1, 2, 3, 4, 6, 12}[random.index(6)];
    Score score = testing::random_score(random, 12 + random.index(30), 1 + random.index(120), unit);
    const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score, {.exact_durations = true}));
    ASSERT_EQ(parsed.faults, std::vector<std::string>{}) << "round " << round;
    ASSERT_FALSE(parsed.notes.empty());
    const int first_step = score.notes.front().onset - parsed.notes.front().onset;
    ASSERT_EQ(first_step % kStepsPerBeat, 0);
    ASSERT_EQ(parsed.notes, expected_notes(score, first_step)) << "round " << round;
  }
}

TEST(MusicXmlProperty, ReadableOnsetsOnTheGridStayAndEveryBarSums) {
  Random random(22);
  for (int round = 0; round < 120; ++round) {
    const int unit = std::vector{1, 3, 4, 6, 12}[random.index(5)];
    Score score = testing::random_score(random, 12 + random.index(30), 1 + random.index(120), unit);
    if (round % 2 == 0) assign_hands(score.notes);
    const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score));
    ASSERT_EQ(parsed.faults, std::vector<std::string>{}) << "round " << round;
    if (unit == 1 || score.notes.empty()) continue;
    std::vector<std::tuple<int, int, int>> expected, found;
    const int first_step = score.notes.front().onset - parsed.notes.front().onset;
    for (const Note& note : score.notes) {
      expected.emplace_back(note.onset - first_step, note.pitch, note.hand == Hand::right ? 1 : 2);
    }
    for (const ParsedNote& note : parsed.notes) found.emplace_back(note.onset, note.pitch, note.staff);
    std::sort(expected.begin(), expected.end());
    std::sort(found.begin(), found.end());
    ASSERT_EQ(found, expected) << "round " << round << " unit " << unit;
  }
}

/// Keys that are struck while they are held, in any voice of any staff.
std::vector<ParsedNote> struck_while_held(std::vector<ParsedNote> notes) {
  std::stable_sort(notes.begin(), notes.end(), [](const ParsedNote& a, const ParsedNote& b) {
    return std::tuple(a.pitch, a.onset) < std::tuple(b.pitch, b.onset);
  });
  std::vector<ParsedNote> found;
  for (std::size_t i = 1; i < notes.size(); ++i) {
    const ParsedNote& before = notes[i - 1];
    if (before.pitch == notes[i].pitch && before.onset + before.duration > notes[i].onset) found.push_back(notes[i]);
  }
  return found;
}

TEST(MusicXml, AKeyIsLetGoWhereAnotherVoiceStrikesIt) {
  Score score = small_score();
  score.notes = {
      {.onset = 0, .duration = 48, .pitch = 52, .voice = Voice::accompaniment, .hand = Hand::right},
      {.onset = 0, .duration = 24, .pitch = 60, .voice = Voice::accompaniment, .hand = Hand::right},
      {.onset = 0, .duration = 12, .pitch = 72, .voice = Voice::melody, .hand = Hand::right},
      {.onset = 12, .duration = 12, .pitch = 71, .voice = Voice::melody, .hand = Hand::right},
      {.onset = 24, .duration = 24, .pitch = 60, .voice = Voice::melody, .hand = Hand::right},
      {.onset = 0, .duration = 6, .pitch = 48, .voice = Voice::accompaniment, .hand = Hand::left},
      {.onset = 9, .duration = 3, .pitch = 48, .voice = Voice::melody, .hand = Hand::right},
  };
  const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score));
  EXPECT_EQ(parsed.faults, std::vector<std::string>{});
  EXPECT_EQ(struck_while_held(parsed.notes), std::vector<ParsedNote>{});
  // The rest of the chord is tied on.
  EXPECT_EQ(std::count(parsed.notes.begin(), parsed.notes.end(), ParsedNote{0, 24, 60, 1}), 1);
  EXPECT_EQ(std::count(parsed.notes.begin(), parsed.notes.end(), ParsedNote{0, 48, 52, 1}), 1);
}

TEST(MusicXmlProperty, NoKeyIsStruckWhileItIsHeld) {
  Random random(24);
  int strikes = 0;
  for (int round = 0; round < 400; ++round) {
    const int unit = std::vector{1, 3, 4, 6, 12}[random.index(5)];
    Score score = testing::random_score(random, 12 + random.index(30), 1 + random.index(200), unit);
    const int lowest = 50, keys = 6 + static_cast<int>(random.index(24));  // few, so that they meet
    for (Note& note : score.notes) note.pitch = static_cast<std::int16_t>(lowest + note.pitch % keys);
    resolve_overlaps(score.notes);
    if (random.chance(0.3)) assign_hands(score.notes);
    const bool exact = random.chance(0.2);
    const ParsedMusicXml parsed = parse_musicxml(score_to_musicxml(score, {.exact_durations = exact}));
    ASSERT_EQ(parsed.faults, std::vector<std::string>{}) << "round " << round;
    ASSERT_EQ(struck_while_held(parsed.notes), std::vector<ParsedNote>{}) << "round " << round;
    strikes += static_cast<int>(parsed.notes.size());
  }
  EXPECT_GT(strikes, 20'000);
}

TEST(MusicXmlProperty, TheSchemaAcceptsRandomScores) {
  Random random(23);
  const testing::ScratchFolder folder;
  for (int round = 0; round < 12; ++round) {
    Score score = testing::random_score(random, 40, 300, std::vector{1, 3, 4}[random.index(3)]);
    if (random.chance(0.5)) score.key = Key{static_cast<int>(random.index(15)) - 7, random.chance(0.5)};
    find_keys(score);
    write_musicxml(folder / "random.musicxml", score,
                   {.exact_durations = random.chance(0.5), .fingering = random.chance(0.5)});
    std::string message;
    const int status = validate(folder / "random.musicxml", message);
    if (status < 0) GTEST_SKIP() << "xmllint (libxml2-utils) is not installed";
    ASSERT_EQ(status, 0) << message.substr(0, 2000);
  }
}

TEST(MusicXml, TheLoudestNotesAreFortissimo) {
  Score score;
  for (int i = 0; i < 64; ++i) {
    score.grid.times.push_back(0.5 * i);
    score.grid.numbers.push_back(i % 4 + 1);
    score.notes.push_back({.onset = i * kStepsPerBeat, .duration = kStepsPerBeat, .pitch = 60, .velocity = 127});
  }
  const std::string text = score_to_musicxml(score);
  EXPECT_NE(text.find("<ff />"), std::string::npos);
  EXPECT_EQ(text.find("<f />"), std::string::npos);
}

}  // namespace
}  // namespace pop2piano
