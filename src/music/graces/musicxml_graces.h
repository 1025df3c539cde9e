// SPDX-License-Identifier: MIT
// Grace notes as MusicXML has them: <grace> notes in front of the next note of their voice.
#pragma once

#include <cstddef>
#include <map>
#include <string_view>
#include <vector>

#include <pugixml.hpp>

namespace pop2piano {

/// Places are quarters from the start of the document.
struct ReadGrace {
  double onset = 0.0;  ///< of its main note
  int main = 60, pitch = 60;
  int power = -1;
  bool slashed = false, in_chord = false;
};

/// Of one part; told its notes in the order of the document.
class GraceReader {
 public:
  void add_grace(const pugi::xml_node& note, int pitch);
  /// A note with a time of its own.
  void add_note(const pugi::xml_node& note, double onset, int pitch);
  /// A rest: what waits in its voice leads to no note.
  void add_rest(const pugi::xml_node& note);
  /// Those with a main note, as they were added.
  [[nodiscard]] std::vector<ReadGrace> take() { return std::move(read_); }

 private:
  struct Waiting {
    std::vector<ReadGrace> graces;
    std::vector<std::size_t> led;  // indices into read_: those that lead to the voice's last chord
  };
  std::map<std::string_view, Waiting> voices_;  // by the text of <voice>, which the document holds
  std::vector<ReadGrace> read_;
};

}  // namespace pop2piano
