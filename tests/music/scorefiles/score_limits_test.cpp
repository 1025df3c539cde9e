// SPDX-License-Identifier: MIT
// A small file that asks for hours of music is refused with the place of what asks for it; the longest that is taken
// is read.
#include "music/scorefiles/score_limits.h"

#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "base/core/utf8.h"
#include "music/leadsheets/lead_sheet.h"
#include "music/scorefiles/midi_file.h"
#include "music/scorefiles/small_musicxml.h"

namespace pop2piano {
namespace {

std::string refusal(const std::function<void()>& read) {
  try {
    read();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::unsupported) << error.what();
    return error.what();
  }
  return "taken";
}

/// One note of key 61 from `onset` to `offset` quarters.
MidiFile one_note(std::int64_t onset, std::int64_t offset, std::uint32_t tempo = 500'000) {
  MidiFile file;
  file.tracks.resize(2);
  file.tracks[0].events = {midi_tempo(0, tempo)};
  file.tracks[1].events = {midi_note_on(onset * 480, 0, 61, 80), midi_note_off(offset * 480, 0, 61)};
  file.tracks[1].length = offset * 480;
  return file;
}

TEST(ScoreLimits, MidiNamesTheNoteOrTheTempo) {
  const auto read = [](const MidiFile& file) { return refusal([&] { (void)score_from_midi(file, "a.mid"); }); };
  EXPECT_EQ(read(one_note(0, 50'000)), "taken");
  const std::string far = read(one_note(3, 50'001));
  EXPECT_NE(far.find("a.mid: track 2, key 61: expected notes within 50000 quarters, found one from quarter 3 to 50001"),
            std::string::npos)
      << far;
  const std::string slow = read(one_note(0, 3000, 0xFFFFFF));
  EXPECT_NE(slow.find("expected at most 12 hours of music, found 14; its slowest tempo is 3.58 quarters a minute"),
            std::string::npos)
      << slow;
}

TEST(ScoreLimits, MusicXmlNamesTheMeasure) {
  using testing::xml_attributes;
  using testing::xml_measure;
  using testing::xml_note;
  std::string measures = xml_measure(xml_attributes() + xml_note("C4", 1000));
  for (int i = 1; i < 50; ++i) measures += xml_measure(xml_note("C4", 1000));
  const auto read = [](const std::string& text) {
    return refusal([&] { (void)testing::read_xml(testing::xml_document(testing::xml_part(text))); });
  };
  EXPECT_EQ(read(measures), "taken");
  const std::string far = read(measures + "<measure number=\"51a\">" + xml_note("C4", 1) + "</measure>");
  EXPECT_NE(far.find("expected at most 50000 quarters, found more"), std::string::npos) << far;
}

TEST(ScoreLimits, AbcNamesTheLimit) {
  const auto read = [](const std::string& song) { return refusal([&] { (void)lead_sheet_from_abc(song, "a.abc"); }); };
  std::string song = "X:1\nL:1/1\nK:C\n";
  for (int i = 0; i < 20; ++i) song += "C1000|\n";
  EXPECT_EQ(read(song), "taken");
  EXPECT_NE(read(song + "C|\n").find("at most 20000 whole notes"), std::string::npos);
}

TEST(ScoreLimits, TitlesAreCutBetweenCharacters) {
  std::string title;
  for (int i = 0; i < 5000; ++i) title += "\xC3\xBC";  // ü
  const std::string xml = "<?xml version=\"1.0\"?><score-partwise><movement-title>" + title + "</movement-title>" +
                          testing::xml_part(testing::xml_measure(testing::xml_note("C4", 4))) + "</score-partwise>";
  const std::string cut = testing::read_xml(xml).score.title;
  EXPECT_LE(cut.size(), 1003U);
  EXPECT_GE(cut.size(), 1000U);
  EXPECT_EQ(valid_utf8_bytes(cut), cut.size());
  EXPECT_EQ(shown_text("short"), "short");
  EXPECT_EQ(shown_text("a\xC3\xBC", 2), "a\xE2\x80\xA6");
}

}  // namespace
}  // namespace pop2piano
