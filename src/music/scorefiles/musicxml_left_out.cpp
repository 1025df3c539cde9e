// SPDX-License-Identifier: MIT
#include "music/scorefiles/musicxml_left_out.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>

#include "music/repeats/musicxml_repeats.h"
#include "music/tempomarks/musicxml_swing.h"

namespace pop2piano {
namespace {

using pugi::xml_node;

enum Kind : std::size_t {
  cue_notes,
  percussion,
  quarter_tones,
  ornaments,
  arpeggios,
  glissandos,
  articulations,
  slurs,
  fermatas,
  dynamics,
  hairpins,
  pedal_marks,
  chord_symbols,
  syllables,
  words,
  kinds
};

struct Named {
  const char* what;
  const char* why;
};
constexpr const char* kAnew = "made anew for the piano";
constexpr const char* kNotKept = "a piano part here has none";
constexpr std::array<Named, kinds> kNames = {{{"cue notes", "they are for another player"},
                                              {"percussion notes", "they have no pitch"},
                                              {"quarter tones", "the piano's key beside them is written"},
                                              {"ornaments", "the main note is written"},
                                              {"arpeggios", "the chord is written"},
                                              {"glissandos", "their first and last notes are written"},
                                              {"articulations", kNotKept},
                                              {"slurs", kNotKept},
                                              {"fermatas", kNotKept},
                                              {"dynamics", kAnew},
                                              {"hairpins", kAnew},
                                              {"pedal marks", kAnew},
                                              {"chord symbols", kAnew},
                                              {"syllables", kNotKept},
                                              {"words", kNotKept}}};

std::size_t children(const xml_node& node) { return static_cast<std::size_t>(std::distance(node.begin(), node.end())); }

bool starts(const xml_node& line) {
  const std::string_view type = line.attribute("type").value();
  return type == "start" || type == "crescendo" || type == "diminuendo";
}

/// Words that became part of the score.
bool are_understood(const char* text) { return are_swing_words(text) || repeat_of_words(text).has_value(); }

class Counter {
 public:
  void count_note(const xml_node& note) {
    if (note.child("cue")) return add(cue_notes, 1);
    if (note.child("unpitched")) add(percussion, 1);
    const double alter = note.child("pitch").child("alter").text().as_double();
    if (alter != std::trunc(alter)) add(quarter_tones, 1);
    if (note.child("grace")) return;  // those that lead to no note are counted where they are read
    for (const xml_node child : note.children()) {
      if (std::string_view(child.name()) == "lyric") add(syllables, 1);
      if (std::string_view(child.name()) == "notations") count_notations(child);
    }
  }

  void count_direction(const xml_node& direction) {
    for (const xml_node type : direction.children("direction-type")) {
      for (const xml_node mark : type.children()) {
        const std::string_view name = mark.name();
        if (name == "dynamics") add(dynamics, 1);
        if (name == "wedge" && starts(mark)) add(hairpins, 1);
        if (name == "pedal" && starts(mark)) add(pedal_marks, 1);
        if (name == "words" && !are_understood(mark.text().get())) add(words, 1);
      }
    }
  }

  void count_measure(const xml_node& measure) {
    for (const xml_node node : measure.children()) {
      const std::string_view name = node.name();
      if (name == "note") count_note(node);
      if (name == "direction") count_direction(node);
      if (name == "harmony") add(chord_symbols, 1);
    }
  }

  [[nodiscard]] std::vector<LeftOut> take() const {
    std::vector<LeftOut> found;
    for (std::size_t i = 0; i < kinds; ++i) {
      if (counts_[i] > 0) found.push_back({kNames[i].what, counts_[i], kNames[i].why});
    }
    return found;
  }

 private:
  void add(Kind kind, std::size_t count) { counts_[kind] += count; }

  void count_notations(const xml_node& notations) {
    for (const xml_node mark : notations.children()) {
      const std::string_view name = mark.name();
      if (name == "ornaments") add(ornaments, children(mark));
      if (name == "articulations") add(articulations, children(mark));
      if (name == "arpeggiate") add(arpeggios, 1);
      if ((name == "glissando" || name == "slide") && starts(mark)) add(glissandos, 1);
      if (name == "slur" && starts(mark)) add(slurs, 1);
      if (name == "fermata") add(fermatas, 1);
    }
  }

  std::array<std::size_t, kinds> counts_{};
};

}  // namespace

std::vector<LeftOut> left_out_of_document(const pugi::xml_document& document) {
  Counter counter;
  for (const xml_node part : document.child("score-partwise").children("part")) {
    for (const xml_node measure : part.children("measure")) counter.count_measure(measure);
  }
  return counter.take();
}

}  // namespace pop2piano
