// SPDX-License-Identifier: MIT
// Small scores of our own for the chapters of the unofficial MusicXML test suite (Kainhofer, Berger): what each is
// about must come out as notes at their places.
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "music/scorefiles/small_musicxml.h"

namespace pop2piano {
namespace {

using testing::read_xml;
using testing::xml_attributes;
using testing::xml_document;
using testing::xml_measure;
using testing::xml_note;
using testing::xml_part;

using Row = std::tuple<int, int, int>;  // onset and duration in quarters * 12, pitch

struct Chapter {
  std::string name, parts;
  std::vector<Row> notes;
};

std::string one(const std::string& content, int divisions = 4) {
  return xml_part(xml_measure(xml_attributes(divisions) + content));
}

std::string chorded(const std::string& note) { return "<note><chord/>" + note.substr(6); }

const std::string kBackup = "<backup><duration>16</duration></backup>";

// Pitches, rests, rhythm, time signatures, clefs, keys.
std::vector<Chapter> chapters_of_rhythm() {
  const std::string up = "<tie type=\"start\"/>", down = "<tie type=\"stop\"/>";
  const std::string microtone =
      "<note><pitch><step>C</step><alter>0.5</alter><octave>4</octave></pitch><duration>4</duration></note>";
  const std::string double_sharp =
      "<note><pitch><step>F</step><alter>2</alter><octave>4</octave></pitch><duration>4</duration></note>";
  const std::string minor = "<attributes><key><fifths>-3</fifths><mode>minor</mode></key></attributes>";
  const std::string clef =
      "<attributes><clef><sign>C</sign><line>4</line><clef-octave-change>-1</clef-octave-change>"
      "</clef></attributes>";
  const std::string lines = "<attributes><staff-details><staff-lines>1</staff-lines></staff-details></attributes>";
  return {
      {"01 pitches",
       one(xml_note("C4", 4) + xml_note("F#5", 4) + xml_note("Bb2", 4) + double_sharp),
       {{0, 12, 60}, {12, 12, 78}, {24, 12, 46}, {36, 12, 67}}},
      {"01 microtones go down to the key below", one(microtone), {{0, 12, 60}}},
      {"02 rests", one(xml_note("", 4) + xml_note("C4", 4) + xml_note("", 8)), {{12, 12, 60}}},
      {"03 rhythm",
       one(xml_note("C4", 6) + xml_note("D4", 2) + xml_note("E4", 1) + xml_note("F4", 3) + xml_note("G4", 4)),
       {{0, 18, 60}, {18, 6, 62}, {24, 3, 64}, {27, 9, 65}, {36, 12, 67}}},
      {"03 forward and backup",
       one(xml_note("C4", 4) + "<forward><duration>4</duration></forward>" + xml_note("D4", 8) + kBackup +
           xml_note("C3", 16)),
       {{0, 12, 60}, {0, 48, 48}, {24, 24, 62}}},
      {"11 time signatures",
       xml_part(xml_measure(xml_attributes(1, "3") + xml_note("C4", 3)) +
                xml_measure("<attributes><time><beats>2</beats><beat-type>4</beat-type></time>"
                            "</attributes>" +
                            xml_note("D4", 2))),
       {{0, 36, 60}, {36, 24, 62}}},
      {"12 clefs", one(clef + xml_note("C4", 16)), {{0, 48, 60}}},
      {"13 keys", one(minor + xml_note("Bb3", 16)), {{0, 48, 58}}},
      {"14 staff details", one(lines + xml_note("C4", 16)), {{0, 48, 60}}},
  };
}

// Chords, tuplets, grace notes, directions, notations, ties.
std::vector<Chapter> chapters_of_notes() {
  const std::string tuplet =
      "<time-modification><actual-notes>3</actual-notes><normal-notes>2</normal-notes></time-modification>";
  const std::string up = "<tie type=\"start\"/>", down = "<tie type=\"stop\"/>";
  const std::string grace = "<note><grace slash=\"yes\"/><pitch><step>A</step><octave>5</octave></pitch></note>";
  const std::string shift =
      "<direction><direction-type><octave-shift type=\"down\" size=\"8\"/></direction-type>"
      "</direction>";
  const std::string marks =
      "<direction><direction-type><dynamics><sfz/></dynamics></direction-type></direction>"
      "<direction><direction-type><wedge type=\"crescendo\"/></direction-type></direction>";
  const std::string notations =
      "<notations><ornaments><trill-mark/></ornaments><technical><string>2</string><fret>3"
      "</fret></technical><slur type=\"start\" number=\"1\"/></notations>";
  return {
      {"21 chords",
       one(xml_note("C4", 8) + chorded(xml_note("E4", 8)) + chorded(xml_note("G4", 8)) + xml_note("A4", 8)),
       {{0, 24, 60}, {0, 24, 64}, {0, 24, 67}, {24, 24, 69}}},
      {"22 note heads", one(xml_note("C4", 16, "<notehead>diamond</notehead>")), {{0, 48, 60}}},
      {"23 tuplets",
       one(xml_note("C4", 1, tuplet) + xml_note("D4", 1, tuplet) + xml_note("E4", 1, tuplet) + xml_note("F4", 9), 3),
       {{0, 4, 60}, {4, 4, 62}, {8, 4, 64}, {12, 36, 65}}},
      {"24 grace notes", one(grace + xml_note("C4", 16)), {{0, 48, 60}}},
      {"31 directions", one(marks + xml_note("C4", 16)), {{0, 48, 60}}},
      {"32 notations", one(xml_note("C4", 16, notations)), {{0, 48, 60}}},
      {"33 spanners: ties",
       xml_part(xml_measure(xml_attributes() + xml_note("C4", 4, up)) + xml_measure(xml_note("C4", 4, down + up)) +
                xml_measure(xml_note("C4", 4, down))),
       {{0, 144, 60}}},
      {"33 spanners: octave shifts sound as their pitch", one(shift + xml_note("C5", 16)), {{0, 48, 72}}},
  };
}

// Parts, voices, staves, repeats, layout, lyrics, instruments.
std::vector<Chapter> chapters_of_parts() {
  const std::string transpose =
      "<attributes><transpose><diatonic>-5</diatonic><chromatic>-9</chromatic></transpose>"
      "</attributes>";
  const std::string lyric = "<lyric number=\"1\"><syllabic>begin</syllabic><text>Tra</text></lyric>";
  const std::string drum =
      "<note><unpitched><display-step>E</display-step><display-octave>4</display-octave>"
      "</unpitched><duration>4</duration></note>";
  const std::string bass =
      "<figured-bass><figure><figure-number>6</figure-number></figure><duration>4</duration>"
      "</figured-bass>";
  const auto staff = [](int number) { return "<staff>" + std::to_string(number) + "</staff>"; };
  return {
      {"41 parts",
       one(xml_note("C4", 16)) + xml_part(xml_measure(xml_attributes(2) + xml_note("E3", 8)), "P2"),
       {{0, 48, 52}, {0, 48, 60}}},
      {"42 voices",
       one(xml_note("E5", 16, "<voice>1</voice>") + kBackup + xml_note("C5", 8, "<voice>2</voice>") +
           xml_note("B4", 8, "<voice>2</voice>")),
       {{0, 24, 72}, {0, 48, 76}, {24, 24, 71}}},
      {"43 staves",
       one(xml_note("E5", 16, staff(1)) + kBackup + xml_note("C3", 16, staff(2))),
       {{0, 48, 48}, {0, 48, 76}}},
      {"45 repeats stand once",
       one("<barline location=\"left\"><repeat direction=\"forward\"/></barline>" + xml_note("C4", 16) +
           "<barline><repeat direction=\"backward\"/></barline>"),
       {{0, 48, 60}}},
      {"46 barlines and pick-ups",
       xml_part("<measure number=\"0\" implicit=\"yes\">" + xml_attributes(1) + xml_note("G4", 1) + "</measure>" +
                xml_measure(xml_note("C5", 4) + "<barline><bar-style>light-light</bar-style></barline>")),
       {{0, 12, 67}, {12, 48, 72}}},
      {"51 and 52 header and layout",
       "<defaults><page-layout><page-height>1</page-height></page-layout></defaults>" +
           one("<print new-page=\"yes\"/>" + xml_note("C4", 16)),
       {{0, 48, 60}}},
      {"61 lyrics", one(xml_note("C4", 16, lyric)), {{0, 48, 60}}},
      {"72 transposing instruments", one(transpose + xml_note("C5", 16)), {{0, 48, 63}}},
      {"73 percussion", one(drum + xml_note("C4", 12)), {{12, 36, 60}}},
      {"74 figured bass", one(bass + xml_note("C3", 16)), {{0, 48, 48}}},
  };
}

std::vector<Chapter> chapters() {
  std::vector<Chapter> all = chapters_of_rhythm();
  for (const auto& more : {chapters_of_notes(), chapters_of_parts()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(MusicXmlChapters, NotesComeOutAtTheirPlaces) {
  for (const Chapter& chapter : chapters()) {
    const Score score = read_xml(xml_document(chapter.parts)).score;
    score.grid.validate();
    std::vector<Row> rows;
    for (const Note& note : score.notes) rows.emplace_back(note.onset, note.duration, note.pitch);
    std::sort(rows.begin(), rows.end());
    EXPECT_EQ(rows, chapter.notes) << chapter.name;
  }
}

TEST(MusicXmlChapters, KeysHandsAndTitles) {
  const std::string minor = "<attributes><key><fifths>-3</fifths><mode>minor</mode></key></attributes>";
  EXPECT_EQ(*read_xml(xml_document(xml_part(xml_measure(minor + xml_note("C4", 4))))).score.key, (Key{-3, true}));
  const Score hands = read_xml(xml_document(one(xml_note("E5", 16, "<staff>1</staff>") + kBackup +
                                                xml_note("C3", 16, "<staff>2</staff>"))))
                          .score;
  for (const Note& note : hands.notes) EXPECT_EQ(note.hand, note.pitch > 60 ? Hand::right : Hand::left);
  EXPECT_EQ(
      read_xml("<score-partwise><movement-title>Quirk</movement-title>" + one(xml_note("C4", 4)) + "</score-partwise>")
          .score.title,
      "Quirk");
}

}  // namespace
}  // namespace pop2piano
