// SPDX-License-Identifier: MIT
// Small MusicXML documents, and a reading of what is written that needs nothing of the program's: bars, time
// signatures, onsets, in quarters.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <pugixml.hpp>

namespace pop2piano::testing {

/// One part of a document that is being written: notes of a voice that go up by semitones from C4 and begin anew.
class PartText {
 public:
  explicit PartText(int divisions) : divisions_(divisions) {}

  /// `time` "6/8"; empty: none. `durations` in divisions; negative ones are rests, none at all is an empty measure.
  PartText& measure(const std::string& time, const std::vector<int>& durations, const std::string& attributes = "") {
    text_ += "<measure number=\"" + std::to_string(number_++) + "\"" + attributes + ">";
    const auto slash = time.find('/');
    text_ += "<attributes><divisions>" + std::to_string(divisions_) + "</divisions>";
    if (slash != std::string::npos) {
      text_ += "<time><beats>" + time.substr(0, slash) + "</beats><beat-type>" + time.substr(slash + 1) +
               "</beat-type></time>";
    }
    text_ += "</attributes>";
    for (const int duration : durations) put(duration);
    text_ += "</measure>";
    return *this;
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void put(int duration) {
    const std::string length = "<duration>" + std::to_string(std::abs(duration)) + "</duration></note>";
    if (duration < 0) {
      text_ += "<note><rest/>" + length;
      return;
    }
    static constexpr const char* kSteps = "CDEFGAB";
    text_ += std::string("<note><pitch><step>") + kSteps[pitch_++ % 7] + "</step><octave>5</octave></pitch>" + length;
  }

  int divisions_, number_ = 1, pitch_ = 0;
  std::string text_;
};

inline std::string musicxml_of(const std::vector<PartText>& parts) {
  std::string text = "<?xml version=\"1.0\"?><score-partwise version=\"4.0\"><part-list/>";
  for (const PartText& part : parts) text += "<part id=\"P\">" + part.text() + "</part>";
  return text + "</score-partwise>";
}

/// All parts of a document together.
struct WrittenBars {
  std::vector<double> lengths;                 // [bars] quarters
  std::vector<std::string> metres;             // [bars] the time signature in force
  std::vector<std::pair<double, int>> onsets;  // (quarters from the start, MIDI pitch), ordered, ties joined
  std::vector<std::string> faults;             // values that do not last as they are written
};

class BarsReader {
 public:
  explicit BarsReader(const std::string& text) { document_.load_string(text.c_str()); }

  WrittenBars run() {
    const pugi::xml_node part = document_.child("score-partwise").child("part");
    double start = 0.0;
    for (const pugi::xml_node measure : part.children("measure")) {
      const double length = read(measure, start);
      bars_.lengths.push_back(length);
      bars_.metres.push_back(metre_);
      start += length;
    }
    std::sort(bars_.onsets.begin(), bars_.onsets.end());
    return std::move(bars_);
  }

 private:
  double read(const pugi::xml_node& measure, double start) {
    double position = 0.0, longest = 0.0, onset = 0.0;
    for (const pugi::xml_node node : measure.children()) {
      const std::string name = node.name();
      if (const pugi::xml_node divisions = node.child("divisions")) divisions_ = divisions.text().as_int();
      if (const pugi::xml_node time = node.child("time")) {
        metre_ = std::string(time.child("beats").text().get()) + "/" + time.child("beat-type").text().get();
      }
      const double duration = node.child("duration").text().as_double() / divisions_;
      if (name == "backup") position -= duration;
      if (name != "note") continue;
      if (!node.child("chord")) {
        onset = position;
        position += duration;
      }
      longest = std::max(longest, position);
      check(node, duration);
      const bool tied = node.find_child_by_attribute("tie", "type", "stop");
      if (node.child("pitch") && !tied)
        bars_.onsets.emplace_back(rounded(start + onset), pitch_of(node.child("pitch")));
    }
    return rounded(longest);
  }

  static double rounded(double quarters) { return std::round(quarters * 1e6) / 1e6; }

  static int pitch_of(const pugi::xml_node& pitch) {
    static const std::map<std::string, int> kSemitones = {{"C", 0}, {"D", 2}, {"E", 4}, {"F", 5},
                                                          {"G", 7}, {"A", 9}, {"B", 11}};
    return 12 * (pitch.child("octave").text().as_int() + 1) + kSemitones.at(pitch.child("step").text().get()) +
           pitch.child("alter").text().as_int();
  }

  void check(const pugi::xml_node& note, double duration) {
    static const std::map<std::string, double> kQuarters = {
        {"breve", 8},       {"whole", 4},        {"half", 2},          {"quarter", 1},
        {"eighth", 0.5},    {"16th", 0.25},      {"32nd", 0.125},      {"64th", 0.0625},
        {"128th", 0.03125}, {"256th", 0.015625}, {"512th", 0.0078125}, {"1024th", 0.00390625}};
    const std::string type = note.child("type").text().get();
    if (type.empty()) return;
    double length = kQuarters.at(type) * (note.child("dot") ? 1.5 : 1.0);
    if (const pugi::xml_node change = note.child("time-modification")) {
      length *= change.child("normal-notes").text().as_double() / change.child("actual-notes").text().as_double();
    }
    if (std::abs(length - duration) > 1e-6) bars_.faults.push_back(type + " lasts " + std::to_string(duration));
  }

  pugi::xml_document document_;
  WrittenBars bars_;
  int divisions_ = 1;
  std::string metre_;
};

}  // namespace pop2piano::testing
