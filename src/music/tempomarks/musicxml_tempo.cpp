// SPDX-License-Identifier: MIT
#include "music/tempomarks/musicxml_tempo.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

namespace pop2piano {
namespace {

using pugi::xml_node;

/// Quarters of a note value; 0: no such name.
double quarters_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, double>, 14> kValues = {{{"1024th", 1.0 / 256},
                                                                            {"512th", 1.0 / 128},
                                                                            {"256th", 1.0 / 64},
                                                                            {"128th", 1.0 / 32},
                                                                            {"64th", 1.0 / 16},
                                                                            {"32nd", 0.125},
                                                                            {"16th", 0.25},
                                                                            {"eighth", 0.5},
                                                                            {"quarter", 1.0},
                                                                            {"half", 2.0},
                                                                            {"whole", 4.0},
                                                                            {"breve", 8.0},
                                                                            {"long", 16.0},
                                                                            {"maxima", 32.0}}};
  for (const auto& [value_name, quarters] : kValues) {
    if (value_name == name) return quarters;
  }
  return 0.0;
}

/// `unit` with the dots that follow it; `next` becomes what stands behind them.
double dotted(const xml_node& unit, const char* dot, xml_node& next) {
  double quarters = quarters_of(unit.text().get()), part = quarters;
  for (next = unit.next_sibling(); std::string_view(next.name()) == dot; next = next.next_sibling()) {
    quarters += part *= 0.5;
  }
  return quarters;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// With a point in decimal numbers; one number, or the middle of two.
double number_in_plain(std::string_view text) {
  double sum = 0.0;
  int found = 0;
  while (found < 2) {
    const std::size_t digit = text.find_first_of("0123456789");
    if (digit == std::string_view::npos) break;
    if (found == 1 && text.substr(0, digit).find_first_not_of(" -~\xE2\x80\x93\x94") != std::string_view::npos) break;
    text.remove_prefix(digit);
    double value = 0.0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    sum += value;
    ++found;
  }
  return found == 0 ? 0.0 : sum / found;
}

/// "60", "c. 60", "60.5", "60,5", "60 1/2", "60-66" (the middle), "(ca. 120)"; 0: there is no number.
double number_in(std::string_view written) {
  std::string text(written);
  for (const std::string_view half : {" 1/2", " \xC2\xBD", "\xC2\xBD"}) {
    const std::size_t at = text.find(half);
    if (at != std::string::npos && at > 0 && is_digit(text[at - 1])) text.replace(at, half.size(), ".5");
  }
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    const bool decimal = text[i] == ',' && is_digit(text[i - 1]) && is_digit(text[i + 1]);
    if (decimal) text[i] = '.';
  }
  return number_in_plain(text);
}

double quarters_of_note(const xml_node& note) {
  xml_node next;
  return dotted(note.child("metronome-type"), "metronome-dot", next);
}

/// 0: the mark says nothing of the tempo.
double tempo_of(const xml_node& metronome, double before) {
  xml_node next;
  const double unit = dotted(metronome.child("beat-unit"), "beat-unit-dot", next);
  if (unit > 0.0) {
    while (next && std::string_view(next.name()) != "per-minute" && std::string_view(next.name()) != "beat-unit") {
      next = next.next_sibling();  // ties of the unit
    }
    if (std::string_view(next.name()) == "per-minute") return unit * number_in(next.text().get());
    xml_node behind;
    const double other = next ? dotted(next, "beat-unit-dot", behind) : 0.0;
    return before * other / unit;  // "unit = other": what was a unit's time is now the other's
  }
  const xml_node first = metronome.child("metronome-note"), second = first.next_sibling("metronome-note");
  if (std::string_view(metronome.child("metronome-relation").text().get()) != "equals") return 0.0;
  if (second.next_sibling("metronome-note")) return 0.0;  // how eighths swing
  const double old_value = quarters_of_note(first), new_value = quarters_of_note(second);
  return old_value > 0.0 ? before * new_value / old_value : 0.0;
}

bool is_believed(double tempo) { return tempo >= kLeastTempo && tempo <= kMostTempo; }

}  // namespace

std::optional<double> written_tempo(const xml_node& node, double before) {
  const xml_node sound = std::string_view(node.name()) == "sound" ? node : node.child("sound");
  if (const double tempo = sound.attribute("tempo").as_double(); is_believed(tempo)) return tempo;
  for (const xml_node type : node.children("direction-type")) {
    for (const xml_node metronome : type.children("metronome")) {
      if (const double tempo = tempo_of(metronome, before); is_believed(tempo)) return tempo;
    }
  }
  return std::nullopt;
}

}  // namespace pop2piano
