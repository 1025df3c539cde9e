// SPDX-License-Identifier: MIT
// Chord symbols, ABC and MusicXML lead sheets.
#include "music/leadsheets/lead_sheet.h"

#include <pop2piano/error.h>

#include <string>

#include <gtest/gtest.h>

#include "base/core/random.h"
#include "music/leadsheets/abc_fields.h"

namespace pop2piano {
namespace {

std::uint16_t classes(std::initializer_list<int> pitches) {
  unsigned set = 0;
  for (const int pitch : pitches) set |= 1U << pitch;
  return static_cast<std::uint16_t>(set);
}

TEST(ChordSymbol, MeansItsNotes) {
  struct Case {
    const char* text;
    int root, bass;
    std::uint16_t notes;
  };
  for (const Case& c : {Case{"C", 0, 0, classes({0, 4, 7})}, Case{"Am7/G", 9, 7, classes({9, 0, 4, 7})},
                        Case{"F#m7b5/E", 6, 4, classes({6, 9, 0, 4})}, Case{"Bbmaj7", 10, 10, classes({10, 2, 5, 9})},
                        Case{"G7sus4", 7, 7, classes({7, 0, 2, 5})}, Case{"Dadd9", 2, 2, classes({2, 6, 9, 4})},
                        Case{"E7#9", 4, 4, classes({4, 8, 11, 2, 7})}, Case{"Bdim7", 11, 11, classes({11, 2, 5, 8})},
                        Case{"C6/9", 0, 0, classes({0, 4, 7, 9, 2})}, Case{"A5", 9, 9, classes({9, 4})},
                        Case{"D-7", 2, 2, classes({2, 5, 9, 0})}, Case{"Gmin", 7, 7, classes({7, 10, 2})},
                        Case{"C(b9)", 0, 0, classes({0, 4, 7, 1})},
                        Case{"E\xE2\x99\xAD\xC2\xB0", 3, 3, classes({3, 6, 9})}, Case{"N.C.", -1, -1, 0}}) {
    const auto chord = parse_chord_symbol(c.text);
    ASSERT_TRUE(chord) << c.text;
    EXPECT_EQ(chord->root, c.root) << c.text;
    EXPECT_EQ(chord->bass, c.bass) << c.text;
    EXPECT_EQ(chord->pitch_classes, c.notes) << c.text;
  }
  for (const char* text :
       {"", "H", "Fine", "C/", "C/x", "Cfoo", "D.C.", "solo", "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"}) {
    EXPECT_FALSE(parse_chord_symbol(text)) << text;
  }
}

TEST(AbcFields, AreReadAsTheStandardSays) {
  AbcMetre metre;
  EXPECT_TRUE(parse_abc_metre("6/8", metre));
  EXPECT_EQ(metre.whole, 0.75);
  EXPECT_TRUE(parse_abc_metre("C|", metre));
  EXPECT_EQ(metre.denominator, 2);
  for (const char* bad : {"6/0", "0/4", "4", "99/4", "4/4x", "-3/4"}) EXPECT_FALSE(parse_abc_metre(bad, metre)) << bad;
  EXPECT_EQ(parse_abc_length("1/16"), 1.0 / 16);
  EXPECT_EQ(parse_abc_length("x"), 0.0);
  EXPECT_EQ(parse_abc_tempo("1/4=90"), 90.0);
  EXPECT_EQ(parse_abc_tempo("\"Jig\" 3/8=60"), 90.0);
  EXPECT_EQ(parse_abc_tempo("100"), 100.0);
  EXPECT_EQ(parse_abc_tempo("1/4=0"), 0.0);
  EXPECT_EQ(parse_abc_key("G"), (std::array<int, 7>{0, 0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(parse_abc_key("Gm"), (std::array<int, 7>{0, -1, 0, 0, -1, 0, 0}));
  EXPECT_EQ(parse_abc_key("D dorian"), (std::array<int, 7>{}));
  EXPECT_EQ(parse_abc_key("F#m"), parse_abc_key("A"));
  EXPECT_EQ(parse_abc_key("none"), (std::array<int, 7>{}));
}

LeadSheet sheet(const std::string& music, const std::string& fields = "M:4/4\nL:1/8\nQ:1/4=120\nK:C\n") {
  return lead_sheet_from_abc("X:1\nT:Test\n" + fields + music + "\n", "test.abc");
}

std::vector<int> pitches(const LeadSheet& sheet) {
  std::vector<int> result;
  for (const Note& note : sheet.melody) result.push_back(note.pitch);
  return result;
}

std::vector<std::pair<int, int>> times(const LeadSheet& sheet) {
  std::vector<std::pair<int, int>> result;
  for (const Note& note : sheet.melody) result.emplace_back(note.onset, note.duration);
  return result;
}

TEST(Abc, PitchesKeysAndAccidentals) {
  EXPECT_EQ(pitches(sheet("C,CG cc'b'")), (std::vector<int>{48, 60, 67, 72, 84, 95}));
  EXPECT_EQ(pitches(sheet("F ^F F|F =f _e", "K:D\n")), (std::vector<int>{66, 66, 66, 66, 77, 75}));
  EXPECT_EQ(pitches(sheet("^c c' c | c ^^c __d", "K:C\n")), (std::vector<int>{73, 85, 73, 72, 74, 72}));
  EXPECT_EQ(pitches(sheet("[K:A]c [CEG] [e^g]2")), (std::vector<int>{73, 68, 80}));
}

TEST(Abc, LengthsRestsTiesTupletsAndBrokenRhythm) {
  using Times = std::vector<std::pair<int, int>>;
  EXPECT_EQ(times(sheet("C2 D/ E// z F3/2")), (Times{{0, 12}, {12, 3}, {15, 2}, {23, 9}}));
  EXPECT_EQ(times(sheet("C2-C D|D-D2")), (Times{{0, 18}, {18, 6}, {24, 18}}));
  EXPECT_EQ(times(sheet("(3CDE F2")), (Times{{0, 4}, {4, 4}, {8, 4}, {12, 12}}));
  EXPECT_EQ(times(sheet("C>D E<F")), (Times{{0, 9}, {9, 3}, {12, 3}, {15, 9}}));
  EXPECT_EQ(times(sheet("Z C8 | Z2 | (C D)")), (Times{{48, 48}, {192, 6}, {198, 6}}));
  EXPECT_EQ(times(sheet("!trill!C {ab}D ~E .F \"^above\"G & c8 |A % words\nw: la la\nB")).size(), 7U);
}

TEST(Abc, ChordsBarsAndPickup) {
  const auto s = sheet("G2 | \"C\"c4 \"Am/E\"A4 | \"G7\" G8 |]");
  ASSERT_EQ(s.chords.size(), 3U);
  EXPECT_EQ(s.chords[0].beat, 1.0);
  EXPECT_EQ(s.chords[1].beat, 3.0);
  EXPECT_EQ(s.chords[1].chord.bass, 4);
  EXPECT_EQ(s.grid.beats_per_bar, 4);
  EXPECT_EQ(std::vector<int>(s.grid.numbers.begin(), s.grid.numbers.begin() + 6), (std::vector<int>{4, 1, 2, 3, 4, 1}));
  EXPECT_NEAR(s.grid.times[1], 0.5, 1e-9);
  EXPECT_EQ(s.title, "Test");
}

TEST(Abc, JigsHaveTwoDottedBeats) {
  const auto s = sheet("D | GAB cde | g3 G2 |]", "M:6/8\nL:1/8\nQ:3/8=120\nK:G\n");
  EXPECT_EQ(s.grid.beats_per_bar, 2);
  EXPECT_NEAR(s.grid.times[1], 0.5, 1e-9);
  EXPECT_EQ(s.melody[0].onset, 8);  // two thirds into the beat before the first bar
  EXPECT_EQ(s.melody[1].onset, 12);
  EXPECT_EQ(s.grid.numbers[1], 1);
  EXPECT_EQ(s.melody[4].onset, 24);
}

/// The notes that are played, by letter.
std::string played(const std::string& music, Repeats repeats = Repeats::play) {
  const LeadSheet read = lead_sheet_from_abc("X:1\nM:4/4\nL:1/4\nK:C\n" + music + "\n", "test.abc", repeats);
  std::string letters;
  for (const Note& note : read.melody) letters += "C.D.EF.G.A.B"[note.pitch % 12];
  return letters;
}

TEST(Abc, RepeatsEndingsAndJumpsArePlayed) {
  struct Case {
    const char *music, *letters;
  };
  for (const Case& c :
       {Case{"|:C4|D4:|E4|]", "CDCDE"}, Case{"C4|D4:|E4|]", "CDCDE"}, Case{"C4|:D4::E4:|F4|]", "CDDEEF"},
        Case{"|::C4::|D4|]", "CCCD"}, Case{"|:C4|1D4:|2E4|]", "CDCE"}, Case{"|:C4|[1D4:|[2E4|F4||G4|]", "CDCEFG"},
        Case{"|:C4|[1,3D4:|[2E4:|F4|]", "CDCECDF"}, Case{"|:C4|1D4:|2E4|:F4|1G4:|2A4|]", "CDCEFGFA"},
        Case{"C4|D4 !fine!|E4 !D.C.!|]", "CDECD"}, Case{"C4|!segno!D4|E4!dacoda!|F4!D.S.!|!coda!G4|]", "CDEFDEG"},
        Case{"C4|SD4|O E4|F4 !D.S.alcoda!|O G4|]", "CDEFDG"}, Case{"C4|D4\"^Fine\"|E4\"^D.C. al Fine\"|]", "CDECD"}}) {
    EXPECT_EQ(played(c.music), c.letters) << c.music;
  }
  EXPECT_EQ(played("|:C4|1D4:|2E4|]", Repeats::keep), "CDE");
}

TEST(Abc, ARepeatedPickupKeepsTheBars) {
  const auto s = lead_sheet_from_abc("X:1\nM:4/4\nL:1/4\nK:C\n|:\"G\"G|\"C\"CDEF|CDE:|\"F\"F4|]\n", "test.abc");
  ASSERT_EQ(s.melody.size(), 17U);
  EXPECT_EQ(s.melody[8].onset, 8 * 12) << "the second pickup is the fourth beat of the bar before";
  EXPECT_EQ(std::vector<int>(s.grid.numbers.begin(), s.grid.numbers.begin() + 10),
            (std::vector<int>{4, 1, 2, 3, 4, 1, 2, 3, 4, 1}));
  std::vector<double> places;
  for (const PlacedChord& chord : s.chords) places.push_back(chord.beat);
  EXPECT_EQ(places, (std::vector<double>{0, 1, 8, 9, 16}));
}

TEST(Abc, RepeatsWithoutEndAreRefused) {
  std::string music = "X:1\nK:C\n";
  for (int i = 0; i < 40; ++i) music += "|::::::::::::::::::::C256 C256 C256 C256::::::::::::::::::::|";
  EXPECT_THROW((void)lead_sheet_from_abc(music, "test.abc"), Error);
  EXPECT_EQ(lead_sheet_from_abc(music, "test.abc", Repeats::keep).melody.size(), 160U);
}

TEST(Abc, OfSeveralVoicesTheFirstIsRead) {
  EXPECT_EQ(pitches(sheet("V:1\nCD|\nV:2\nC,D,|\nV:1\nE\n[V:2]F,\n[V:1] G")), (std::vector<int>{60, 62, 64, 67}));
}

TEST(Abc, BadInputNamesTheLine) {
  const auto message = [](const std::string& text) -> std::string {
    try {
      (void)lead_sheet_from_abc(text, "bad.abc");
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message("X:1\nK:C\nC \"Am D").find("line 3"), std::string::npos);
  for (const char* text :
       {"", "X:1\nCDE", "X:1\nK:C\n", "X:1\nK:C\nz4", "X:1\nK:C\n[CE", "X:1\nK:C\nC99999", "X:1\nK:C\nC/0",
        "X:1\nK:C\n^", "X:1\nK:C\nC''''''''''", "X:1\nK:C\n{C", "X:1\nK:C\n>C", "X:1\nK:C\nC< <C", "X:1\nK:C\nC@",
        "X:1\nK:C\n(0C", "X:1\nM:4/0\nK:C\nC", "X:1\nL:z\nK:C\nC", "X:1\nK:C\n[K:C"}) {
    EXPECT_NE(message(text), "") << text;
  }
  std::string endless = "X:1\nK:C\n";
  for (int i = 0; i < 30000; ++i) endless += "C1024 ";
  EXPECT_NE(message(endless).find("at most 20000 whole notes"), std::string::npos);
}

TEST(Abc, TunebooksAreSplitAtX) {
  const std::string text = "% a book\nX:1\nK:C\nCDE\n\nX:2\nK:G\nGAB\n";
  const auto tunes = split_abc(std::as_bytes(std::span(text.data(), text.size())), "book.abc");
  ASSERT_EQ(tunes.size(), 2U);
  EXPECT_EQ(pitches(lead_sheet_from_abc(tunes[1], "book.abc")), (std::vector<int>{67, 69, 71}));
  EXPECT_THROW((void)split_abc({}, "empty.abc"), Error);
}

TEST(Abc, RandomTextIsReadOrRefused) {
  Random random(7);
  constexpr std::string_view kSigns = "ABCdefg',^_=/2348[](){}|:\"<>-z !&%\nV:K:M:\xFF";
  for (int round = 0; round < 3000; ++round) {
    std::string text = "X:1\nK:C\n";
    for (int i = 0; i < 60; ++i) text += kSigns[random.index(kSigns.size())];
    try {
      const auto s = lead_sheet_from_abc(text, "random.abc");
      EXPECT_FALSE(s.melody.empty());
      s.grid.validate();
    } catch (const Error&) {
      continue;
    }
  }
}

constexpr const char* kLeadSheet = R"(<?xml version="1.0"?>
<score-partwise><part-list><score-part id="P1"><part-name>Drums</part-name></score-part>
<score-part id="P2"><part-name>Lead Vocal</part-name></score-part>
<score-part id="P3"><part-name>Piano</part-name></score-part></part-list>
<part id="P1"><measure number="1"><attributes><divisions>1</divisions><time><beats>4</beats><beat-type>4</beat-type></time></attributes>
<sound tempo="60"/><note><rest/><duration>4</duration></note></measure></part>
<part id="P2"><measure number="1"><attributes><divisions>2</divisions></attributes>
<harmony><root><root-step>B</root-step><root-alter>-1</root-alter></root><kind>minor-seventh</kind></harmony>
<note><pitch><step>D</step><octave>5</octave></pitch><duration>4</duration></note>
<harmony><root><root-step>F</root-step></root><kind>dominant</kind><bass><bass-step>C</bass-step></bass>
<degree><degree-value>9</degree-value><degree-alter>-1</degree-alter><degree-type>add</degree-type></degree></harmony>
<note><pitch><step>C</step><octave>5</octave></pitch><duration>4</duration></note></measure></part>
<part id="P3"><measure number="1"><attributes><divisions>1</divisions></attributes>
<note><pitch><step>B</step><alter>-1</alter><octave>2</octave></pitch><duration>4</duration></note></measure></part>
</score-partwise>)";

LeadSheet from_xml(const std::string& text, std::string_view wanted = {}) {
  return lead_sheet_from_musicxml(std::as_bytes(std::span(text.data(), text.size())), "sheet.musicxml", wanted);
}

TEST(MusicXmlLeadSheet, RepeatsArePlayedOrKept) {
  std::string text = kLeadSheet;
  const std::string end = "</measure></part>\n<part id=\"P3\">";
  text.insert(text.find(end), "<barline location=\"right\"><repeat direction=\"backward\"/></barline>");
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  const LeadSheet twice = lead_sheet_from_musicxml(bytes, "sheet.musicxml");
  EXPECT_EQ(pitches(twice), (std::vector<int>{74, 72, 74, 72}));
  ASSERT_EQ(twice.piano.size(), 2U);
  EXPECT_EQ(twice.piano[1].onset, 48);
  ASSERT_EQ(twice.chords.size(), 4U);
  EXPECT_EQ(twice.chords[2].beat, 4.0);
  EXPECT_EQ(pitches(lead_sheet_from_musicxml(bytes, "sheet.musicxml", {}, Repeats::keep)), (std::vector<int>{74, 72}));
}

TEST(MusicXmlLeadSheet, MelodyByNamePianoAndSymbols) {
  const auto s = from_xml(kLeadSheet);
  EXPECT_EQ(pitches(s), (std::vector<int>{74, 72}));
  ASSERT_EQ(s.piano.size(), 1U);
  EXPECT_EQ(s.piano[0].pitch, 46);
  ASSERT_EQ(s.chords.size(), 2U);
  EXPECT_EQ(s.chords[0].chord.pitch_classes, classes({10, 1, 5, 8}));
  EXPECT_EQ(s.chords[1].beat, 2.0);
  EXPECT_EQ(s.chords[1].chord.bass, 0);
  EXPECT_EQ(s.chords[1].chord.pitch_classes, classes({5, 9, 0, 3, 6}));
  EXPECT_NEAR(s.grid.times[1] - s.grid.times[0], 1.0, 1e-9);  // the first part's tempo
}

TEST(MusicXmlLeadSheet, TimePassesUnderCueNotes) {
  std::string text = kLeadSheet;
  text.insert(text.find("<pitch><step>D"), "<cue/>");
  const auto s = from_xml(text);
  EXPECT_EQ(pitches(s), std::vector<int>{72});
  ASSERT_EQ(s.chords.size(), 2U);
  EXPECT_EQ(s.chords[1].beat, 2.0);
}

TEST(MusicXmlLeadSheet, NeedsAPartWithTheMelody) {
  std::string nameless = kLeadSheet;
  nameless.replace(nameless.find("Lead Vocal"), 10, "Part no. 2");
  EXPECT_THROW((void)from_xml(nameless), Error);
  EXPECT_EQ(pitches(from_xml(nameless, "no. 2")), (std::vector<int>{74, 72}));
  EXPECT_THROW((void)from_xml(kLeadSheet, "flute"), Error);
}

// Two more pianos: their notes are cleaned together, and the melody's are not cut by the unison that the piano plays.
TEST(MusicXmlLeadSheet, PartsAreReadFromOneDocumentWithoutTouchingEachOther) {
  const auto part = [](const std::string& id, int octave, int duration) {
    return "<part id=\"" + id + "\"><measure number=\"1\"><attributes><divisions>1</divisions></attributes>" +
           "<note><pitch><step>D</step><octave>" + std::to_string(octave) + "</octave></pitch><duration>" +
           std::to_string(duration) + "</duration></note></measure></part>";
  };
  const std::string names =
      "<part-list><score-part id=\"A\"><part-name>Voice</part-name></score-part>"
      "<score-part id=\"B\"><part-name>Piano 1</part-name></score-part>"
      "<score-part id=\"C\"><part-name>Piano 2</part-name></score-part></part-list>";
  const auto s =
      from_xml("<score-partwise>" + names + part("B", 5, 2) + part("A", 5, 4) + part("C", 5, 1) + "</score-partwise>");
  ASSERT_EQ(s.melody.size(), 1U);
  EXPECT_EQ(s.melody[0].duration, 4 * kStepsPerBeat);
  EXPECT_EQ(s.melody[0].voice, Voice::melody);
  ASSERT_EQ(s.piano.size(), 1U);  // the same key at the same time is one note, as long as the longer
  EXPECT_EQ(s.piano[0].duration, 2 * kStepsPerBeat);
  EXPECT_EQ(s.piano[0].voice, Voice::accompaniment);
  EXPECT_THROW((void)from_xml("<score-partwise>" + names + part("B", 5, 2) +
                              "<part id=\"A\"><measure number=\"1\"/></part></score-partwise>"),
               Error);  // a part for the melody without notes
}

TEST(MelodyName, RanksMelodyAboveVocalAboveLead) {
  EXPECT_GT(melody_name_rank("MELODY", ""), melody_name_rank("Vocals", ""));
  EXPECT_GT(melody_name_rank("vocal", ""), melody_name_rank("Lead Guitar", ""));
  EXPECT_EQ(melody_name_rank("Backing Vocals", ""), 0);
  EXPECT_EQ(melody_name_rank("Piano", ""), 0);
  EXPECT_EQ(melody_name_rank("Flute 1", "flute"), 1);
  EXPECT_EQ(melody_name_rank("MELODY", "flute"), 0);
}

}  // namespace
}  // namespace pop2piano
