// SPDX-License-Identifier: MIT
#include "music/scorefiles/musicxml_marks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

namespace pop2piano::musicxml {
namespace {

using pugi::xml_node;

struct ChordKind {
  ChordQuality quality;
  const char* kind;
  const char* text;
};
constexpr std::array<ChordKind, 10> kChordKinds = {{
    {ChordQuality::major, "major", ""},
    {ChordQuality::minor, "minor", "m"},
    {ChordQuality::diminished, "diminished", "dim"},
    {ChordQuality::augmented, "augmented", "aug"},
    {ChordQuality::suspended_fourth, "suspended-fourth", "sus4"},
    {ChordQuality::suspended_second, "suspended-second", "sus2"},
    {ChordQuality::dominant_seventh, "dominant", "7"},
    {ChordQuality::major_seventh, "major-seventh", "maj7"},
    {ChordQuality::minor_seventh, "minor-seventh", "m7"},
    {ChordQuality::half_diminished, "half-diminished", "m7b5"},
}};

void put_root(xml_node parent, const char* step_name, const char* alter_name, const SpelledPitch& name) {
  put(parent, step_name, std::string(1, name.step).c_str());
  if (name.alter != 0) put(parent, alter_name, name.alter);
}

void put_harmony(xml_node measure, const ChordSpan& chord, const Key& key, int offset) {
  xml_node harmony = measure.append_child("harmony");
  harmony.append_attribute("print-frame") = "no";
  put_root(harmony.append_child("root"), "root-step", "root-alter",
           spell_at(60 + chord.root, chord_root_name(chord, key)));
  for (const ChordKind& entry : kChordKinds) {
    if (entry.quality != chord.quality) continue;
    xml_node kind = harmony.append_child("kind");
    kind.text().set(entry.kind);
    if (entry.text[0] != '\0') kind.append_attribute("text") = entry.text;
  }
  if (chord.bass != chord.root) {
    put_root(harmony.append_child("bass"), "bass-step", "bass-alter", spell_in_chord(60 + chord.bass, chord, key));
  }
  if (offset != 0) put(harmony, "offset", offset);
  put(harmony, "staff", 1);
}

void put_octave_shift(xml_node type, MarkKind kind) {
  xml_node shift = type.append_child("octave-shift");
  shift.append_attribute("type") = kind == MarkKind::octave_up ? "down" : kind == MarkKind::octave_down ? "up" : "stop";
  shift.append_attribute("size") = 8;
}

void put_pedal(xml_node type, MarkKind kind) {
  xml_node pedal = type.append_child("pedal");
  pedal.append_attribute("type") = kind == MarkKind::pedal_down ? "start" : "stop";
  pedal.append_attribute("line") = "yes";
  pedal.append_attribute("sign") = "no";
}

void put_words(xml_node type, const Mark& mark) {
  if (mark.kind == MarkKind::rehearsal) {
    put(type, "rehearsal", mark.text.c_str());
    return;
  }
  xml_node words = type.append_child("words");
  words.append_attribute("font-style") = "italic";
  words.text().set(mark.text.c_str());
}

/// Of a plain or dotted note; other beats, which no mark can name, as quarters.
void put_metronome(xml_node type, const Mark& mark) {
  const bool dotted = mark.unit % 3 == 0;
  const int plain = dotted ? mark.unit / 3 * 2 : mark.unit;
  NoteValue value;
  while (kQuarterLength << std::max(0, value.power) < plain) ++value.power;
  while (kQuarterLength >> std::max(0, -value.power) > plain) --value.power;
  xml_node metronome = type.append_child("metronome");
  put(metronome, "beat-unit", type_name(value));
  if (dotted) metronome.append_child("beat-unit-dot");
  put(metronome, "per-minute", mark.value);
}

/// What sounds, which the page rounds, as text: at most three places.
std::string quarters_per_minute(const Mark& mark) {
  const auto thousandths = std::lround(1000.0 * mark.tempo * mark.unit / kQuarterLength);
  std::string text = std::to_string(thousandths / 1000);
  if (thousandths % 1000 != 0) text += "." + std::to_string(1000 + thousandths % 1000).substr(1);
  while (text.find('.') != std::string::npos && text.back() == '0') text.pop_back();
  return text;
}

/// The ratio in whole numbers, to a tenth. `pair`: 64th notes.
void put_swing(xml_node sound, const Swing& swing, int pair) {
  constexpr int kTenths = 10;
  const auto first = static_cast<int>(std::lround(swing.ratio * kTenths));
  const int common = std::gcd(first, kTenths);
  xml_node node = sound.append_child("swing");
  put(node, "first", first / common);
  put(node, "second", kTenths / common);
  put(node, "swing-type", pair < kQuarterLength ? "16th" : "eighth");
}

const char* placement(const Mark& mark) {
  switch (mark.kind) {
    case MarkKind::dynamics:
    case MarkKind::pedal_down:
    case MarkKind::pedal_up:
    case MarkKind::octave_down:
      return "below";
    case MarkKind::octave_end:
      return mark.staff == 1 ? "above" : "below";
    default:
      return "above";
  }
}

void put_direction_type(xml_node type, const Mark& mark) {
  switch (mark.kind) {
    case MarkKind::dynamics:
      type.append_child("dynamics").append_child(mark.text.c_str());
      break;
    case MarkKind::words:
    case MarkKind::swing:
    case MarkKind::rehearsal:
      put_words(type, mark);
      break;
    case MarkKind::tempo:
      put_metronome(type, mark);
      break;
    case MarkKind::pedal_down:
    case MarkKind::pedal_up:
      put_pedal(type, mark.kind);
      break;
    case MarkKind::octave_up:
    case MarkKind::octave_down:
    case MarkKind::octave_end:
      put_octave_shift(type, mark.kind);
      break;
    case MarkKind::chord_symbol:
      break;
  }
}

}  // namespace

void put_mark(xml_node measure, const Mark& mark, const Key& key, int offset) {
  if (mark.kind == MarkKind::chord_symbol) return put_harmony(measure, mark.chord, key, offset);
  xml_node direction = measure.append_child("direction");
  direction.append_attribute("placement") = placement(mark);
  put_direction_type(direction.append_child("direction-type"), mark);
  if (offset != 0) put(direction, "offset", offset);
  put(direction, "staff", mark.staff);
  if (mark.kind == MarkKind::swing) put_swing(direction.append_child("sound"), mark.swing, mark.unit);
  if (mark.kind == MarkKind::tempo)
    direction.append_child("sound").append_attribute("tempo") = quarters_per_minute(mark).c_str();
}

}  // namespace pop2piano::musicxml
