// SPDX-License-Identifier: MIT
// Nothing that a file holds vanishes without a count and a reason.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "music/scorefiles/midi_file.h"
#include "music/scorefiles/small_musicxml.h"

namespace pop2piano {
namespace {

using testing::xml_attributes;
using testing::xml_document;
using testing::xml_measure;
using testing::xml_note;
using testing::xml_part;

std::size_t count_of(const Imported& imported, const std::string& what) {
  for (const LeftOut& thing : imported.left_out) {
    EXPECT_FALSE(thing.why.empty()) << thing.what;
    if (thing.what == what) return thing.count;
  }
  return 0;
}

TEST(LeftOut, MusicXmlNotesAndMarksAreCounted) {
  const std::string grace = "<note><grace/><pitch><step>D</step><octave>5</octave></pitch></note>";
  const std::string drum = "<note><unpitched/><duration>1</duration></note>";
  const std::string cue = "<note><cue/><pitch><step>D</step><octave>5</octave></pitch><duration>1</duration></note>";
  const std::string marks =
      "<lyric><text>la</text></lyric><notations><slur type=\"start\"/><ornaments><trill-mark/><mordent/></ornaments>"
      "<articulations><staccato/></articulations><arpeggiate/><fermata/></notations>";
  const std::string directions =
      "<direction><direction-type><dynamics><p/></dynamics></direction-type><direction-type><words>dolce</words>"
      "</direction-type><direction-type><wedge type=\"crescendo\"/></direction-type><direction-type><wedge "
      "type=\"stop\"/></direction-type></direction><harmony><root><root-step>C</root-step></root></harmony>";
  const Imported imported = testing::read_xml(xml_document(
      xml_part(xml_measure(xml_attributes() + directions + grace + grace + xml_note("C4", 1, marks) + drum + cue +
                           grace + xml_note("", 1)) +
               xml_measure(xml_note("E4", 4) + "<backup><duration>4</duration></backup>" + xml_note("E4", 4)))));
  EXPECT_EQ(imported.score.notes.size(), 2U);
  const std::vector<std::pair<std::string, std::size_t>> expected = {
      {"grace notes", 1}, {"cue notes", 1},     {"percussion notes", 1},
      {"ornaments", 2},   {"arpeggios", 1},     {"articulations", 1},
      {"slurs", 1},       {"fermatas", 1},      {"dynamics", 1},
      {"hairpins", 1},    {"chord symbols", 1}, {"syllables", 1},
      {"words", 1},       {"doubled notes", 1}, {"glissandos", 0}};
  for (const auto& [what, count] : expected) EXPECT_EQ(count_of(imported, what), count) << what;
  EXPECT_NE(to_string(imported.left_out).find("1 grace notes (no note begins where they lead)"), std::string::npos)
      << to_string(imported.left_out);
}

// Cue notes are not played, but what stands behind them keeps its place, and their measure its length.
TEST(LeftOut, TimePassesUnderCueNotes) {
  const auto cue = [](const std::string& more) {
    return "<note><cue/>" + more + "<pitch><step>D</step><octave>5</octave></pitch><duration>2</duration></note>";
  };
  const Imported imported = testing::read_xml(xml_document(
      xml_part(xml_measure(xml_attributes() + cue("") + cue("<chord/>") + xml_note("C4", 1) + xml_note("E4", 1)) +
               xml_measure(cue("") + cue("")) + xml_measure(xml_note("G4", 4)))));
  std::vector<std::pair<int, int>> found;
  for (const Note& note : imported.score.notes) found.emplace_back(note.onset, note.pitch);
  const std::vector<std::pair<int, int>> expected = {
      {2 * kStepsPerBeat, 60}, {3 * kStepsPerBeat, 64}, {8 * kStepsPerBeat, 67}};
  EXPECT_EQ(found, expected);
  EXPECT_EQ(count_of(imported, "cue notes"), 4U);
}

TEST(LeftOut, MidiPercussionAndDoubledNotes) {
  MidiFile file;
  file.tracks.resize(1);
  file.tracks[0].events = {midi_note_on(0, 9, 36, 90), midi_note_on(0, 0, 60, 90), midi_note_on(0, 1, 60, 90),
                           midi_note_off(480, 9, 36),  midi_note_off(480, 0, 60),  midi_note_off(480, 1, 60)};
  file.tracks[0].length = 480;
  const Imported imported = score_from_midi(file, "a.mid");
  EXPECT_EQ(imported.score.notes.size(), 1U);
  EXPECT_EQ(count_of(imported, "percussion notes"), 1U);
  EXPECT_EQ(count_of(imported, "doubled notes"), 1U);
}

TEST(LeftOut, WordsOfJumpsAreNoneOfIt) {
  const std::string words =
      "<direction><direction-type><words>D.C. al Fine</words></direction-type></direction>"
      "<direction><direction-type><words>To Coda</words></direction-type></direction>";
  const Imported imported =
      testing::read_xml(xml_document(xml_part(xml_measure(xml_attributes() + xml_note("C4", 4) + words))));
  EXPECT_EQ(imported.score.repeats.size(), 2U);
  EXPECT_TRUE(imported.left_out.empty()) << to_string(imported.left_out);
}

TEST(LeftOut, PlainScoresLoseNothing) {
  EXPECT_TRUE(
      testing::read_xml(xml_document(xml_part(xml_measure(xml_attributes() + xml_note("C4", 4))))).left_out.empty());
}

}  // namespace
}  // namespace pop2piano
