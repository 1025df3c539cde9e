// SPDX-License-Identifier: MIT
// Metronome marks of every kind that MusicXML has.
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "music/scorefiles/small_musicxml.h"

namespace pop2piano {
namespace {

using testing::xml_attributes;
using testing::xml_document;
using testing::xml_measure;
using testing::xml_note;
using testing::xml_part;

std::string marked(const std::string& type) {
  return "<direction><direction-type>" + type + "</direction-type></direction>";
}

std::string mark(const std::string& unit, const std::string& per_minute) {
  return "<metronome>" + unit + "<per-minute>" + per_minute + "</per-minute></metronome>";
}

/// Quarters per minute of two bars of 4/4 with this before each.
std::pair<double, double> tempos(const std::string& first, const std::string& second = "") {
  const std::string four = xml_note("C4", 1) + xml_note("D4", 1) + xml_note("E4", 1) + xml_note("F4", 1);
  const auto times = testing::read_xml(xml_document(xml_part(xml_measure(xml_attributes() + first + four) +
                                                             xml_measure(second + four))))
                         .score.grid.times;
  return {60.0 / (times[1] - times[0]), 60.0 / (times[5] - times[4])};
}

const std::string kQuarter = "<beat-unit>quarter</beat-unit>", kDotted = kQuarter + "<beat-unit-dot/>",
                  kEighth = "<beat-unit>eighth</beat-unit>", kHalf = "<beat-unit>half</beat-unit>";

TEST(MusicXmlTempo, NoteValuesAndDots) {
  const std::pair<std::string, double> cases[] = {
      {mark(kQuarter, "60"), 60},
      {mark(kDotted, "60"), 90},
      {mark(kEighth, "120"), 60},
      {mark(kHalf, "50"), 100},
      {mark(kEighth + "<beat-unit-dot/>", "120"), 90},
      {mark(kQuarter + "<beat-unit-dot/><beat-unit-dot/>", "40"), 70},
      {mark("<beat-unit>16th</beat-unit>", "400"), 100},
      {mark("<beat-unit>whole</beat-unit>", "20"), 80},
      {mark("<beat-unit>breve</beat-unit>", "12"), 96},
      {mark(kQuarter + "<beat-unit-tied><beat-unit>eighth</beat-unit></beat-unit-tied>", "80"), 80},
  };
  for (const auto& [text, expected] : cases) EXPECT_NEAR(tempos(marked(text)).first, expected, 1e-6) << text;
}

TEST(MusicXmlTempo, NumbersAsPeopleWriteThem) {
  const std::pair<std::string, double> cases[] = {
      {"c. 60", 60},  {"ca.60", 60},    {"60-66", 63},        {"60 \xE2\x80\x93 66", 63}, {"(76)", 76},
      {"72.5", 72.5}, {"72,5", 72.5},   {"ca. 100-120", 110}, {"88 (or 92)", 88},         {"fast", 120},
      {"", 120},      {"67 1/2", 67.5}, {"67\xC2\xBD", 67.5},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_NEAR(tempos(marked(mark(kQuarter, text))).first, expected, 1e-6) << text;
  }
}

TEST(MusicXmlTempo, AnyDirectionTypeAndSoundFirst) {
  const std::string words = "<words>Andante</words></direction-type><direction-type>";
  EXPECT_NEAR(tempos(marked(words + mark(kQuarter, "66"))).first, 66, 1e-6);
  const std::string both =
      "<direction><direction-type>" + mark(kQuarter, "60") + "</direction-type><sound tempo=\"90\"/></direction>";
  EXPECT_NEAR(tempos(both).first, 90, 1e-6);
  EXPECT_NEAR(tempos("<sound tempo=\"84\"/>").first, 84, 1e-6);
  EXPECT_NEAR(tempos(marked(mark("<beat-unit>nonsense</beat-unit>", "60"))).first, 120, 1e-6);
  EXPECT_NEAR(tempos("<sound tempo=\"100000\"/>").first, 120, 1e-6);
  EXPECT_NEAR(tempos("<sound tempo=\"nan\"/>").first, 120, 1e-6);
}

TEST(MusicXmlTempo, OneValueIsAnother) {
  const auto [before, after] =
      tempos(marked(mark(kQuarter, "60")), marked("<metronome>" + kQuarter + kDotted + "</metronome>"));
  EXPECT_NEAR(before, 60, 1e-6);
  EXPECT_NEAR(after, 90, 1e-6);
  const auto note = [](const std::string& type) {
    return "<metronome-note><metronome-type>" + type + "</metronome-type></metronome-note>";
  };
  const std::string relation = "<metronome-relation>equals</metronome-relation>";
  const std::string change = marked("<metronome>" + note("half") + relation + note("quarter") + "</metronome>");
  EXPECT_NEAR(tempos(marked(mark(kQuarter, "120")), change).second, 60, 1e-6);
  const std::string swing =
      marked("<metronome>" + note("eighth") + relation + note("quarter") + note("eighth") + "</metronome>");
  EXPECT_NEAR(tempos(marked(mark(kQuarter, "132")), swing).second, 132, 1e-6);
}

}  // namespace
}  // namespace pop2piano
