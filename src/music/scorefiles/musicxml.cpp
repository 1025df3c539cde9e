// SPDX-License-Identifier: MIT
// MusicXML 4.0, partwise: one part on two staves.
#include "music/scorefiles/musicxml.h"

#include <pop2piano/score.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>
#include <string>

#include <pugixml.hpp>

#include "base/core/output_file.h"
#include "base/core/utf8.h"
#include "music/notation/marks.h"
#include "music/notation/notation.h"
#include "music/repeats/musicxml_repeats.h"
#include "music/score/clean_notes.h"
#include "music/scorefiles/musicxml_marks.h"

namespace pop2piano {
namespace {

using musicxml::put;
using musicxml::put_mark;
using pugi::xml_node;

constexpr const char* kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr int kVoicesPerStaff = 4;                    // staff 2 starts with voice 5, as most programs number them

constexpr int kTitleWidth = 44;  // of a line of a title, in letters as wide as Latin ones

// The title in lines, broken at spaces: engraving programs write a long one over the margins.
std::string in_lines(std::string title) {
  int width = 0;
  std::size_t space = std::string::npos;  // the last one in this line
  int width_at_space = 0;
  for (std::size_t i = 0; i < title.size(); ++i) {
    const auto byte = static_cast<unsigned char>(title[i]);
    if (byte == ' ') {
      space = i;
      width_at_space = width + 1;
    }
    if ((byte & 0xC0U) != 0x80U) width += byte >= 0xE0U ? 2 : 1;  // not within a character; Chinese ones are wide
    if (width <= kTitleWidth || space == std::string::npos) continue;
    title[space] = '\n';
    width -= width_at_space;
    space = std::string::npos;
  }
  return title;
}

void put_identification(xml_node root, const Score& score, const MusicXmlOptions& options) {
  const std::string title = in_lines(xml_text(score.title.empty() ? "Untitled" : score.title));
  put(root.append_child("work"), "work-title", title.c_str());
  xml_node identification = root.append_child("identification");
  xml_node composer = identification.append_child("creator");
  composer.append_attribute("type") = "composer";
  composer.text().set(xml_text(options.composer).c_str());
  xml_node arranger = identification.append_child("creator");
  arranger.append_attribute("type") = "arranger";
  arranger.text().set(xml_text(options.arranger).c_str());
  put(identification.append_child("encoding"), "software", "pop2piano");
}

void put_part_list(xml_node root) {
  xml_node part = root.append_child("part-list").append_child("score-part");
  part.append_attribute("id") = "P1";
  put(part, "part-name", "Piano");
  xml_node instrument = part.append_child("score-instrument");
  instrument.append_attribute("id") = "P1-I1";
  put(instrument, "instrument-name", "Piano");
  xml_node midi = part.append_child("midi-instrument");
  midi.append_attribute("id") = "P1-I1";
  put(midi, "midi-channel", 1);
  put(midi, "midi-program", 1);
}

void put_clef(xml_node attributes, int staff, const char* sign, int line) {
  xml_node clef = attributes.append_child("clef");
  clef.append_attribute("number") = staff;
  put(clef, "sign", sign);
  put(clef, "line", line);
}

void put_key(xml_node attributes, const Key& key) {
  xml_node node = attributes.append_child("key");
  put(node, "fifths", key.fifths);
  put(node, "mode", key.minor ? "minor" : "major");
}

/// `before` null: the first bar.
void put_attributes(xml_node measure, const WrittenBar& bar, const WrittenBar* before, int divisions) {
  const bool clef_changes[] = {before == nullptr || before->clefs[0] != bar.clefs[0],
                               before == nullptr || before->clefs[1] != bar.clefs[1]};
  const bool key_changes = before == nullptr || before->key != bar.key;
  const bool metre_changes = before == nullptr || before->metre != bar.metre;
  if (!key_changes && !metre_changes && !clef_changes[0] && !clef_changes[1]) return;
  xml_node attributes = measure.append_child("attributes");
  if (before == nullptr) put(attributes, "divisions", divisions);
  if (key_changes) put_key(attributes, bar.key);
  if (metre_changes) {
    xml_node time = attributes.append_child("time");
    put(time, "beats", bar.metre.numerator);
    put(time, "beat-type", bar.metre.denominator);
  }
  if (before == nullptr) put(attributes, "staves", 2);
  for (const int staff : {1, 2}) {
    if (!clef_changes[staff - 1]) continue;
    const bool treble = bar.clefs[staff - 1] == Clef::treble;
    put_clef(attributes, staff, treble ? "G" : "F", treble ? 2 : 4);
  }
}

const char* accidental_name(int alter) {
  static constexpr std::array<const char*, 5> kNames = {"flat-flat", "flat", "natural", "sharp", "double-sharp"};
  return kNames[static_cast<std::size_t>(std::clamp(alter, -2, 2) + 2)];
}

const char* beam_name(BeamState state) {
  static constexpr std::array<const char*, 6> kNames = {"",    "begin",        "continue",
                                                        "end", "forward hook", "backward hook"};
  return kNames[static_cast<std::size_t>(state)];
}

void put_pitch(xml_node node, const SpelledPitch& name) {
  xml_node pitch = node.append_child("pitch");
  put(pitch, "step", std::string(1, name.step).c_str());
  if (name.alter != 0) put(pitch, "alter", name.alter);
  put(pitch, "octave", name.octave);
}

void put_tie(xml_node node, const char* element, const char* type) {
  node.append_child(element).append_attribute("type") = type;
}

void put_fingering(xml_node notations, int finger, int staff) {
  xml_node fingering = notations.append_child("technical").append_child("fingering");
  fingering.append_attribute("placement") = staff == 1 ? "above" : "below";
  fingering.text().set(finger);
}

void put_notations(xml_node node, const WrittenChord& chord, const WrittenNote* note, int staff, bool first_of_chord) {
  const bool tied = note != nullptr && (note->tied_from || note->tied_to);
  const bool tuplet = first_of_chord && (chord.tuplet_start || chord.tuplet_stop);
  const bool finger = note != nullptr && note->finger > 0 && !note->tied_from;
  if (!tied && !tuplet && !finger) return;
  xml_node notations = node.append_child("notations");
  if (note != nullptr && note->tied_from) put_tie(notations, "tied", "stop");
  if (note != nullptr && note->tied_to) put_tie(notations, "tied", "start");
  if (tuplet) {
    xml_node mark = notations.append_child("tuplet");
    mark.append_attribute("type") = chord.tuplet_start ? "start" : "stop";
    if (chord.tuplet_start) mark.append_attribute("bracket") = "yes";
  }
  if (finger) put_fingering(notations, note->finger, staff);
}

/// What stands between the duration and the notations, in the schema's order.
void put_value(xml_node node, const WrittenChord& chord, const WrittenNote* note, int voice, int staff,
               const char* stem) {
  put(node, "voice", voice);
  if (!chord.whole_bar_rest) put(node, "type", type_name(chord.value));
  for (int i = 0; i < chord.value.dots; ++i) node.append_child("dot");
  if (note != nullptr && note->accidental) put(node, "accidental", accidental_name(*note->accidental));
  if (chord.value.is_tuplet()) {
    xml_node modification = node.append_child("time-modification");
    put(modification, "actual-notes", chord.value.actual);
    put(modification, "normal-notes", chord.value.normal);
  }
  if (note != nullptr && stem != nullptr) put(node, "stem", stem);
  put(node, "staff", staff);
}

void put_beams(xml_node node, const WrittenChord& chord) {
  for (std::size_t level = 0; level < kBeamLevels; ++level) {
    if (chord.beams[level] == BeamState::none) continue;
    xml_node beam = node.append_child("beam");
    beam.append_attribute("number") = static_cast<int>(level) + 1;
    beam.text().set(beam_name(chord.beams[level]));
  }
}

/// The beams that all grace notes before a chord have; they are joined where there are several, one after the other.
void put_grace_beams(xml_node node, const std::vector<WrittenGrace>& graces, std::size_t index) {
  int levels = static_cast<int>(kBeamLevels);
  std::size_t first = graces.size(), last = 0;
  for (std::size_t i = 0; i < graces.size(); ++i) {
    levels = std::min(levels, -graces[i].power);
    if (graces[i].in_chord) continue;
    first = std::min(first, i);
    last = i;
  }
  if (first >= last || graces[index].in_chord) return;
  for (int level = 1; level <= levels; ++level) {
    xml_node beam = node.append_child("beam");
    beam.append_attribute("number") = level;
    beam.text().set(index == first ? "begin" : index == last ? "end" : "continue");
  }
}

void put_graces(xml_node measure, const WrittenChord& chord, int voice, int staff, const char* stem) {
  for (std::size_t i = 0; i < chord.graces.size(); ++i) {
    const WrittenGrace& grace = chord.graces[i];
    xml_node node = measure.append_child("note");
    xml_node mark = node.append_child("grace");
    if (grace.slashed) mark.append_attribute("slash") = "yes";
    if (grace.in_chord) node.append_child("chord");
    put_pitch(node, grace.note.name);
    WrittenChord alone;
    alone.value.power = grace.power;
    put_value(node, alone, &grace.note, voice, staff, stem);
    put_grace_beams(node, chord.graces, i);
  }
}

void put_rest(xml_node measure, const WrittenChord& chord, int voice, int staff) {
  xml_node node = measure.append_child("note");
  if (chord.hidden) node.append_attribute("print-object") = "no";
  xml_node rest = node.append_child("rest");
  if (chord.whole_bar_rest) rest.append_attribute("measure") = "yes";
  put(node, "duration", chord.steps);
  put_value(node, chord, nullptr, voice, staff, nullptr);
  put_notations(node, chord, nullptr, staff, true);
}

void put_chord(xml_node measure, const WrittenChord& chord, int voice, int staff, const char* stem) {
  if (chord.is_rest()) return put_rest(measure, chord, voice, staff);
  put_graces(measure, chord, voice, staff, stem);
  for (std::size_t i = 0; i < chord.notes.size(); ++i) {
    const WrittenNote& note = chord.notes[i];
    xml_node node = measure.append_child("note");
    if (note.source >= 0) node.append_attribute("id") = ("n" + std::to_string(note.source)).c_str();
    if (i > 0) node.append_child("chord");
    put_pitch(node, note.name);
    put(node, "duration", chord.steps);
    if (note.tied_from) put_tie(node, "tie", "stop");
    if (note.tied_to) put_tie(node, "tie", "start");
    put_value(node, chord, &note, voice, staff, stem);
    if (i == 0) put_beams(node, chord);
    put_notations(node, chord, &note, staff, i == 0);
  }
}

/// The marks of a staff that lie in [from, to), at the current position `from`.
void put_marks(xml_node measure, const WrittenBar& bar, int staff, int from, int to) {
  for (const Mark& mark : bar.marks) {
    if (mark.staff == staff && mark.onset >= from && mark.onset < to) {
      put_mark(measure, mark, bar.key, mark.onset - from);
    }
  }
}

void put_voice(xml_node measure, const WrittenBar& bar, const WrittenVoice& voice) {
  const auto on_staff = std::count_if(bar.voices.begin(), bar.voices.end(),
                                      [&](const WrittenVoice& other) { return other.staff == voice.staff; });
  const char* stem = on_staff < 2 ? nullptr : voice.number == 1 ? "up" : "down";
  const int number = voice.number + (voice.staff - 1) * kVoicesPerStaff;
  for (const WrittenChord& chord : voice.chords) {
    if (voice.number == 1) put_marks(measure, bar, voice.staff, chord.onset, chord.onset + chord.steps);
    put_chord(measure, chord, number, voice.staff, stem);
  }
  const int length = bar.length();
  if (voice.number == 1) put_marks(measure, bar, voice.staff, length, length + 1);
}

void put_voices(xml_node measure, const WrittenBar& bar) {
  for (std::size_t i = 0; i < bar.voices.size(); ++i) {
    if (i > 0) put(measure.append_child("backup"), "duration", bar.length());
    put_voice(measure, bar, bar.voices[i]);
  }
}

void put_measures(xml_node part, const Score& score, const Notation& notation) {
  int number = notation.bars.front().bar.pickup ? 0 : 1;
  for (std::size_t i = 0; i < notation.bars.size(); ++i) {
    const WrittenBar& bar = notation.bars[i];
    xml_node measure = part.append_child("measure");
    measure.append_attribute("number") = number++;
    if (bar.bar.pickup) measure.append_attribute("implicit") = "yes";
    put_attributes(measure, bar, i > 0 ? &notation.bars[i - 1] : nullptr, notation.divisions);
    const int first = bar.bar.first_beat, last = first + bar.bar.beats;
    put_repeats(measure, score.repeats, BarSide::left, first, last, false);
    put_voices(measure, bar);
    put_repeats(measure, score.repeats, BarSide::right, first, last, i + 1 == notation.bars.size());
  }
}

/// A note that is written as several tied ones: n17, n17.2, n17.3, since identifiers stand once in a document.
void number_tied_pieces(xml_node part) {
  std::map<std::string, int> pieces;
  for (const xml_node measure : part.children("measure")) {
    for (xml_node note : measure.children("note")) {
      pugi::xml_attribute id = note.attribute("id");
      if (!id) continue;
      const int piece = ++pieces[id.value()];
      if (piece > 1) id = (std::string(id.value()) + "." + std::to_string(piece)).c_str();
    }
  }
}

}  // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string_view valid = text.substr(0, valid_utf8_bytes(text));
    out += valid;
    text.remove_prefix(valid.size());
    if (text.empty()) break;
    out += kReplacement;
    text.remove_prefix(1);
  }
  for (const std::string_view not_a_character : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    for (std::size_t at = 0; (at = out.find(not_a_character, at)) != std::string::npos;)
      out.replace(at, 3, kReplacement);
  }
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return out;
}

std::string score_to_musicxml(const Score& score, const MusicXmlOptions& options) {
  score.grid.validate();
  validate_notes(score.notes);
  Notation notation = notate(score, options.exact_durations ? NotationStyle::exact : NotationStyle::readable,
                             options.fingering ? Fingering::shown : Fingering::none);
  add_marks(score, options, notation);
  pugi::xml_document document;
  xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  document.append_child(pugi::node_doctype)
      .set_value(
          "score-partwise PUBLIC \"-//Recordare//DTD MusicXML 4.0 Partwise//EN\" "
          "\"http://www.musicxml.org/dtds/partwise.dtd\"");
  xml_node root = document.append_child("score-partwise");
  root.append_attribute("version") = "4.0";
  put_identification(root, score, options);
  put_part_list(root);
  xml_node part = root.append_child("part");
  part.append_attribute("id") = "P1";
  put_measures(part, score, notation);
  number_tied_pieces(part);
  std::ostringstream out;
  document.save(out, " ", pugi::format_indent, pugi::encoding_utf8);
  return out.str();
}

void write_musicxml(const std::filesystem::path& target, const Score& score, const MusicXmlOptions& options) {
  write_file(target, score_to_musicxml(score, options));
}

}  // namespace pop2piano
