// SPDX-License-Identifier: MIT
// Small MusicXML documents, put together from what a test is about.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "music/scorefiles/import.h"

namespace pop2piano::testing {

/// A note of `duration` divisions; `more` stands behind the duration. An empty pitch is a rest: "C4", "F#5", "Bb3".
inline std::string xml_note(std::string_view pitch, int duration, const std::string& more = "") {
  std::string text = "<note>";
  if (pitch.empty()) {
    text += "<rest/>";
  } else {
    const int alter = pitch[1] == '#' ? 1 : pitch[1] == 'b' ? -1 : 0;
    text += "<pitch><step>" + std::string(1, pitch[0]) + "</step>";
    if (alter != 0) text += "<alter>" + std::to_string(alter) + "</alter>";
    text += "<octave>" + std::string(1, pitch.back()) + "</octave></pitch>";
  }
  return text + "<duration>" + std::to_string(duration) + "</duration>" + more + "</note>";
}

/// Divisions, C major, a time signature.
inline std::string xml_attributes(int divisions = 1, const std::string& beats = "4", const std::string& type = "4") {
  return "<attributes><divisions>" + std::to_string(divisions) +
         "</divisions><key><fifths>0</fifths></key><time><beats>" + beats + "</beats><beat-type>" + type +
         "</beat-type></time></attributes>";
}

inline std::string xml_measure(const std::string& content) { return "<measure number=\"1\">" + content + "</measure>"; }

inline std::string xml_part(const std::string& measures, const std::string& id = "P1") {
  return "<part id=\"" + id + "\">" + measures + "</part>";
}

inline std::string xml_document(const std::string& parts) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><score-partwise version=\"3.1\"><part-list><score-part id=\"P1\">"
         "<part-name>Music</part-name></score-part></part-list>" +
         parts + "</score-partwise>";
}

inline Imported read_xml(const std::string& text) {
  return score_from_musicxml(std::as_bytes(std::span(text.data(), text.size())), "test.musicxml");
}

}  // namespace pop2piano::testing
