// SPDX-License-Identifier: MIT
// An independent, strict reading of the MusicXML that is written: every measure and voice must sum, ties must match.
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <pugixml.hpp>

namespace pop2piano::testing {

struct ParsedNote {
  int onset = 0, duration = 0, pitch = 0, staff = 1;  // divisions from the start
  friend auto operator<=>(const ParsedNote&, const ParsedNote&) = default;
};

struct ParsedMusicXml {
  std::vector<ParsedNote> notes;  // ties joined, ordered
  std::vector<int> measure_lengths;
  std::vector<std::string> faults;
  pugi::xml_document document;
};

class MusicXmlParser {
 public:
  explicit MusicXmlParser(const std::string& text) {
    if (!parsed_.document.load_string(text.c_str())) fault("not XML");
  }
  ParsedMusicXml run() {
    int start = 0;
    for (const pugi::xml_node measure : parsed_.document.child("score-partwise").child("part").children("measure")) {
      read_measure(measure, start);
    }
    for (const auto& [key, note] : open_) fault("tie without end at " + std::to_string(note.onset));
    std::sort(parsed_.notes.begin(), parsed_.notes.end());
    return std::move(parsed_);
  }

 private:
  void fault(const std::string& what) { parsed_.faults.push_back("measure " + measure_ + ": " + what); }

  void read_measure(const pugi::xml_node& measure, int& start) {
    measure_ = measure.attribute("number").value();
    const pugi::xml_node attributes = measure.child("attributes");
    if (attributes.child("divisions")) divisions_ = attributes.child("divisions").text().as_int();
    if (attributes.child("time")) {
      beats_ = attributes.child("time").child("beats").text().as_int() * 4 /
               attributes.child("time").child("beat-type").text().as_int();
    }
    int position = 0, longest = 0, chord_onset = 0;
    std::map<int, int> voice_ends;
    for (const pugi::xml_node node : measure.children()) {
      const std::string name = node.name();
      const int duration = node.child("duration").text().as_int();
      if (name == "backup") position -= duration;
      if (name == "forward") position += duration;
      if (name == "note") {
        if (!node.child("chord")) {
          const int voice = node.child("voice").text().as_int();
          if (voice_ends[voice] != position) fault("voice " + std::to_string(voice) + " has a gap or overlaps");
          chord_onset = position;
          position += duration;
          voice_ends[voice] = position;
          triplets_[voice] += node.child("time-modification") ? duration : 0;
        }
        check_value(node, duration);
        if (node.child("pitch")) read_note(node, start + chord_onset, duration);
      }
      if (position < 0) fault("backup before the start");
      longest = std::max(longest, position);
    }
    for (const auto& [voice, end] : voice_ends) {
      if (end != longest) fault("voice " + std::to_string(voice) + " ends early");
    }
    for (const auto& [voice, length] : triplets_) {
      if (length % divisions_ != 0) fault("incomplete triplet");
    }
    triplets_.clear();
    const bool implicit = std::string(measure.attribute("implicit").value()) == "yes";
    if (!implicit && longest != beats_ * divisions_) fault("length is not the metre's");
    parsed_.measure_lengths.push_back(longest);
    start += longest;
  }

  void check_value(const pugi::xml_node& node, int duration) {
    if (!node.child("type")) {
      if (std::string(node.child("rest").attribute("measure").value()) != "yes") fault("note without type");
      return;
    }
    static const std::map<std::string, double> kQuarters = {
        {"breve", 8}, {"whole", 4}, {"half", 2}, {"quarter", 1}, {"eighth", 0.5}, {"16th", 0.25}, {"32nd", 0.125}};
    double value = kQuarters.at(node.child("type").text().get()) * divisions_;
    if (node.child("dot")) value *= 1.5;
    const pugi::xml_node change = node.child("time-modification");
    if (change)
      value *= change.child("normal-notes").text().as_double() / change.child("actual-notes").text().as_double();
    if (value != duration)
      fault("duration " + std::to_string(duration) + " is not its type's " + std::to_string(value));
  }

  void read_note(const pugi::xml_node& node, int onset, int duration) {
    static constexpr std::array<int, 7> kSemitones = {9, 11, 0, 2, 4, 5, 7};
    const pugi::xml_node pitch_node = node.child("pitch");
    const int pitch = 12 * (pitch_node.child("octave").text().as_int() + 1) +
                      pitch_node.child("alter").text().as_int() +
                      kSemitones[static_cast<std::size_t>(pitch_node.child("step").text().get()[0] - 'A')];
    const int staff = node.child("staff").text().as_int();
    bool starts = false, stops = false;
    for (const pugi::xml_node tie : node.children("tie")) {
      (std::string(tie.attribute("type").value()) == "start" ? starts : stops) = true;
    }
    const std::tuple key(node.child("voice").text().as_int(), pitch);
    ParsedNote note{onset, duration, pitch, staff};
    const auto open = open_.find(key);
    if (stops) {
      if (open == open_.end() || open->second.onset + open->second.duration != onset) {
        fault("tie from nowhere");
      } else {
        note = open->second;
        note.duration += duration;
        open_.erase(open);
      }
    } else if (open != open_.end()) {
      fault("tie to nowhere");
    }
    if (starts) {
      open_[key] = note;
    } else {
      parsed_.notes.push_back(note);
    }
  }

  ParsedMusicXml parsed_;
  std::string measure_;
  int divisions_ = 1, beats_ = 4;
  std::map<int, int> triplets_;
  std::map<std::tuple<int, int>, ParsedNote> open_;
};

inline ParsedMusicXml parse_musicxml(const std::string& text) { return MusicXmlParser(text).run(); }

}  // namespace pop2piano::testing
