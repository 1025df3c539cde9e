// SPDX-License-Identifier: MIT
// Repeats, endings and jumps: the order of bars as musicians play them, and the way through a file and back.
#include <pop2piano/error.h>

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "music/repeats/played_out.h"
#include "music/scorefiles/musicxml.h"
#include "music/scorefiles/score_midi.h"
#include "music/scorefiles/small_musicxml.h"

namespace pop2piano {
namespace {

using testing::xml_attributes;
using testing::xml_document;
using testing::xml_measure;
using testing::xml_note;
using testing::xml_part;

const std::string kForward = "<barline location=\"left\"><repeat direction=\"forward\"/></barline>";

std::string backward(int times = 2) {
  return "<barline location=\"right\"><repeat direction=\"backward\" times=\"" + std::to_string(times) +
         "\"/></barline>";
}

std::string ending(const std::string& side, const std::string& number, const std::string& type,
                   const std::string& repeat = "") {
  return "<barline location=\"" + side + "\"><ending number=\"" + number + "\" type=\"" + type + "\"/>" + repeat +
         "</barline>";
}

const std::string kBack = "<repeat direction=\"backward\"/>";

std::string sound(const std::string& attribute, const std::string& value = "yes") {
  return "<sound " + attribute + "=\"" + value + "\"/>";
}

/// Bars of one note each (C4, D4, ... by number); what stands before and behind the note.
Score score_of(const std::vector<std::pair<std::string, std::string>>& bars) {
  std::string measures;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const std::string pitch = std::string(1, "CDEFGAB"[i % 7]) + std::to_string(4 + i / 7);
    measures += xml_measure((i == 0 ? xml_attributes() : "") + bars[i].first + xml_note(pitch, 4) + bars[i].second);
  }
  return testing::read_xml(xml_document(xml_part(measures))).score;
}

/// "1 2 1 3": numbers of the bars that are played.
std::string bars_played(const Score& score) {
  constexpr int kNatural[] = {0, 2, 4, 5, 7, 9, 11};
  const Score played = played_out(score);
  std::string text;
  int beat = 0;
  for (const Note& note : played.notes) {
    EXPECT_EQ(note.onset, beat * kStepsPerBeat);
    beat += 4;
    for (int i = 0; i < 7; ++i) {
      if (note.pitch % 12 == kNatural[i])
        text += (text.empty() ? "" : " ") + std::to_string(7 * (note.pitch / 12 - 5) + i + 1);
    }
  }
  EXPECT_EQ(static_cast<int>(played.grid.size()), beat + 1);
  played.grid.validate();
  return text;
}

TEST(Repeats, SignsAndEndings) {
  EXPECT_EQ(bars_played(score_of({{"", ""}, {"", backward()}, {"", ""}})), "1 2 1 2 3");
  EXPECT_EQ(bars_played(score_of({{"", ""}, {kForward, backward(4)}, {"", ""}})), "1 2 2 2 2 3");
  EXPECT_EQ(bars_played(score_of({{"", backward()}, {"", backward()}, {"", ""}})), "1 1 2 2 3");
  const std::string first = ending("left", "1", "start"), close = ending("right", "1", "stop", kBack),
                    second = ending("left", "2", "start"), open = ending("right", "2", "discontinue");
  EXPECT_EQ(bars_played(score_of({{kForward, ""}, {first, close}, {second, open}})), "1 2 1 3");
  EXPECT_EQ(bars_played(score_of({{"", ""}, {first, ""}, {"", close}, {second, ""}, {"", open}, {"", backward()}})),
            "1 2 3 1 4 5 6 6");
  EXPECT_EQ(bars_played(score_of({{kForward, ""},
                                  {ending("left", "1, 2", "start"), ending("right", "1, 2", "stop", kBack)},
                                  {ending("left", "3", "start"), ending("right", "3", "stop")},
                                  {"", ""}})),
            "1 2 1 2 1 3 4");
  EXPECT_EQ(bars_played(score_of({{kForward, ""},
                                  {ending("left", "1-3", "start"), ending("right", "1-3", "stop", kBack)},
                                  {ending("left", "4.", "start"), ending("right", "4.", "stop")}})),
            "1 2 1 2 1 2 1 3");
}

TEST(Repeats, Jumps) {
  EXPECT_EQ(bars_played(score_of({{"", ""}, {"", sound("fine")}, {"", sound("dacapo")}})), "1 2 3 1 2");
  EXPECT_EQ(bars_played(score_of({{"", backward()}, {"", sound("fine")}, {"", sound("dacapo")}})), "1 1 2 3 1 2");
  EXPECT_EQ(bars_played(score_of({{"", ""},
                                  {sound("segno", "s"), ""},
                                  {"", sound("tocoda", "c")},
                                  {"", sound("dalsegno", "s")},
                                  {sound("coda", "c"), ""}})),
            "1 2 3 4 2 3 5");
  // After the jump the last ending is played.
  EXPECT_EQ(bars_played(score_of({{"", ""},
                                  {ending("left", "1", "start"), ending("right", "1", "stop", kBack)},
                                  {ending("left", "2", "start"), ending("right", "2", "stop") + sound("fine")},
                                  {"", sound("dacapo")}})),
            "1 2 1 3 4 1 3");
  EXPECT_EQ(bars_played(score_of({{"", ""}, {"", sound("dalsegno", "none")}})), "1 2 1 2");
  EXPECT_EQ(bars_played(score_of({{"", sound("tocoda", "c")}, {"", ""}})), "1 2");
}

TEST(Repeats, SignsAndWordsWithoutSound) {
  const auto direction = [](const std::string& type) {
    return "<direction><direction-type>" + type + "</direction-type></direction>";
  };
  const auto words = [&](const std::string& text) { return direction("<words>" + text + "</words>"); };
  EXPECT_EQ(bars_played(score_of({{"", ""}, {"", words("Fine")}, {"", words("D.C. al Fine")}})), "1 2 3 1 2");
  EXPECT_EQ(bars_played(score_of({{"", ""}, {"", words("FINE")}, {words("Da Capo"), ""}})), "1 2 3 1 2");
  EXPECT_EQ(bars_played(score_of({{"", ""},
                                  {direction("<segno/>"), ""},
                                  {"", direction("<coda/>")},
                                  {"", words("D.S. al Coda")},
                                  {direction("<coda/>"), ""}})),
            "1 2 3 4 2 3 5");
  EXPECT_EQ(bars_played(score_of({{"", words("dolce")}, {"", words("finely")}})), "1 2");
}

TEST(Repeats, TimesKeysChordsAndHeldNotesFollow) {
  const std::string key = "<attributes><key><fifths>2</fifths></key></attributes>";
  Score score = score_of({{"<sound tempo=\"60\"/>", ""}, {key + "<sound tempo=\"120\"/>", backward()}, {"", ""}});
  score.chords = {{0, 4, 0, ChordQuality::major, 0}, {4, 8, 2, ChordQuality::major, 2}};
  score.notes.push_back({.onset = 7 * kStepsPerBeat, .duration = 2 * kStepsPerBeat, .pitch = 50});
  const Score played = played_out(score);
  EXPECT_NEAR(played.grid.times[4], 4.0, 1e-9);
  EXPECT_NEAR(played.grid.times[8], 6.0, 1e-9);
  EXPECT_NEAR(played.grid.times[12], 10.0, 1e-9);
  EXPECT_NEAR(played.grid.times[20], 14.0, 1e-9);
  ASSERT_EQ(played.keys.size(), 4U);
  EXPECT_EQ(played.keys[1], (KeySpan{4, {2, false}}));
  EXPECT_EQ(played.keys[2], (KeySpan{8, {0, false}}));
  EXPECT_EQ(played.keys[3], (KeySpan{12, {2, false}}));
  ASSERT_EQ(played.chords.size(), 4U);
  EXPECT_EQ(played.chords[1], (ChordSpan{4, 4, 2, ChordQuality::major, 2}));
  EXPECT_EQ(played.chords[3], (ChordSpan{12, 8, 2, ChordQuality::major, 2}));
  std::vector<int> held;  // cut where the repeat goes back
  for (const Note& note : played.notes) {
    if (note.pitch == 50) held.push_back(note.duration);
  }
  EXPECT_EQ(held, (std::vector<int>{kStepsPerBeat, 2 * kStepsPerBeat}));
}

TEST(Repeats, ReadBackFromSheetMusic) {
  const Score score = score_of({{kForward, ""},
                                {ending("left", "1, 2", "start"), ending("right", "1, 2", "stop", kBack)},
                                {ending("left", "3", "start"), ending("right", "3", "discontinue")},
                                {sound("segno", "s"), sound("tocoda", "c")},
                                {kForward, backward(3)},
                                {"", sound("dalsegno", "s")},
                                {sound("coda", "c"), sound("fine")}});
  EXPECT_EQ(bars_played(score), "1 2 1 2 1 3 4 5 5 5 6 4 7");
  const Score again = testing::read_xml(score_to_musicxml(score, {.exact_durations = true})).score;
  EXPECT_EQ(again.repeats, score.repeats);
  EXPECT_EQ(bars_played(again), bars_played(score));
  EXPECT_EQ(timed_notes(score_to_midi(played_out(score))).size(), 13U);
}

TEST(Repeats, EndlessRepeatsAreRefused) {
  Score score = score_of({{"", ""}, {"", backward(64)}, {"", ""}});
  EXPECT_EQ(playing_order(score.repeats, 12, 516).size(), 64U);  // 64 times 8 beats, then 4 more
  EXPECT_THROW((void)playing_order(score.repeats, 12, 515), Error);
}

}  // namespace
}  // namespace pop2piano
