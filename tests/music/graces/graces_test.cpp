// SPDX-License-Identifier: MIT
// Grace notes: read, kept with their main note through an arrangement, written again.
#include "music/graces/graces.h"

#include <pop2piano/arrange.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "music/repeats/played_out.h"
#include "music/score/clean_notes.h"
#include "music/scorefiles/musicxml.h"
#include "music/scorefiles/small_musicxml.h"

namespace pop2piano {
namespace {

using testing::xml_attributes;
using testing::xml_document;
using testing::xml_measure;
using testing::xml_note;
using testing::xml_part;

std::string xml_grace(char step, int octave, const std::string& mark = "", const std::string& type = "eighth",
                      const std::string& chord = "") {
  return "<note><grace" + mark + "/>" + chord + "<pitch><step>" + step + "</step><octave>" + std::to_string(octave) +
         "</octave></pitch><type>" + type + "</type></note>";
}

/// Two bars: a short one before C5, two sixteenths before a chord, a third struck before the next bar's A4.
std::string two_bars() {
  return xml_document(xml_part(
      xml_measure(xml_attributes() + xml_grace('D', 5, " slash=\"yes\"") + xml_note("C5", 2) +
                  xml_grace('F', 4, "", "16th") + xml_grace('E', 4, "", "16th") + xml_note("D4", 2) +
                  "<note><chord/><pitch><step>B</step><octave>4</octave></pitch><duration>2</duration></note>" +
                  xml_grace('B', 4) + xml_grace('D', 5, "", "eighth", "<chord/>")) +
      xml_measure(xml_note("A4", 4))));
}

const std::vector<GraceNote> kOfTwoBars = {
    {.onset = 0, .main = 72, .pitch = 74, .power = -1, .slashed = true},
    {.onset = 24, .main = 71, .pitch = 65, .power = -2},
    {.onset = 24, .main = 71, .pitch = 64, .power = -2},
    {.onset = 48, .main = 69, .pitch = 71, .power = -1},
    {.onset = 48, .main = 69, .pitch = 74, .power = -1, .in_chord = true},
};

TEST(GraceNotes, LeadToTheNextNoteOfTheirVoice) {
  const Imported imported = testing::read_xml(two_bars());
  EXPECT_EQ(imported.score.graces, kOfTwoBars);
  EXPECT_TRUE(imported.left_out.empty());
  EXPECT_EQ(imported.score.notes.size(), 4U) << "they are no notes themselves";
}

TEST(GraceNotes, ComeBackFromSheetMusic) {
  const PianoScore piano = arrange(testing::read_xml(two_bars()).score, {});
  const std::string sheet = score_to_musicxml(piano.score);
  EXPECT_EQ(testing::read_xml(sheet).score.graces, kOfTwoBars);
  EXPECT_NE(sheet.find("<grace slash=\"yes\" />"), std::string::npos);
  EXPECT_NE(sheet.find("<beam number=\"2\">begin</beam>"), std::string::npos) << "the two sixteenths are joined";
}

TEST(GraceNotes, ThoseBeforeARestAreCounted) {
  const Imported imported = testing::read_xml(
      xml_document(xml_part(xml_measure(xml_attributes() + xml_note("C5", 2) + xml_grace('D', 5) + xml_note("", 2)))));
  EXPECT_TRUE(imported.score.graces.empty());
  const std::vector<LeftOut> expected = {{"grace notes", 1, "no note begins where they lead"}};
  EXPECT_EQ(imported.left_out, expected);
}

TEST(GraceNotes, StandOnTheStaffOfTheirMainNote) {
  const std::string in_bass = "<staff>2</staff>";
  std::string grace = xml_grace('B', 2);
  grace.insert(grace.find("</note>"), in_bass);
  Score score = testing::read_xml(xml_document(xml_part(xml_measure(xml_attributes() + xml_note("C5", 4) +
                                                                    "<backup><duration>4</duration></backup>" + grace +
                                                                    xml_note("C3", 4, in_bass)))))
                    .score;
  const std::string sheet = score_to_musicxml(arrange(std::move(score), {}).score);
  const std::size_t at = sheet.find("<grace");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(sheet.substr(sheet.find("<staff>", at), 16), "<staff>2</staff>");
}

TEST(GraceNotes, FollowTranspositionAndRepeats) {
  Score score = testing::read_xml(two_bars()).score;
  transpose(score, 2);
  EXPECT_EQ(score.graces[0].pitch, 76);
  EXPECT_EQ(score.graces[0].main, 74);
  score.repeats = {{.beat = 4, .kind = RepeatKind::backward, .endings = {}}};
  const std::vector<GraceNote> played = played_out(score).graces;
  ASSERT_EQ(played.size(), 8U) << "three of bar 1, twice, and two of bar 2";
  EXPECT_EQ(played[3].onset, 48);
  EXPECT_EQ(played[6].onset, 96);
}

TEST(GraceNotes, GoWithANoteThatIsMovedOrGone) {
  Score score = testing::read_xml(two_bars()).score;
  const Note first = score.notes[0];
  Note lower = first;
  lower.pitch = static_cast<std::int16_t>(first.pitch - 12);
  score.notes[0] = lower;
  std::erase_if(score.notes, [](const Note& note) { return note.pitch == 69; });
  const std::vector<NoteChange> changes = {{ChangeKind::moved, ChangeReason::reach, first, lower}};
  follow_main_notes(score, changes);
  ASSERT_EQ(score.graces.size(), 3U) << "those of A4 are gone with it";
  EXPECT_EQ(score.graces[0].pitch, 62);
  EXPECT_EQ(score.graces[0].main, 60);
}

TEST(GraceNotes, TheEasiestLevelsHaveNone) {
  EXPECT_TRUE(arrange(testing::read_xml(two_bars()).score, {.level = 1}).score.graces.empty());
}

}  // namespace
}  // namespace pop2piano
