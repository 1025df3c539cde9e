// SPDX-License-Identifier: MIT
#include "music/score/chord_symbol.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <utility>

namespace pop2piano {
namespace {

constexpr std::size_t kLongestSymbol = 32;

using Intervals = std::bitset<24>;  // semitones above the root

// Longest first, so that "maj7" is not read as "m" and "aj7".
struct Quality {
  std::string_view text;
  std::array<int, 4> intervals;  // above the root; -1: none
};
constexpr std::array<Quality, 43> kQualities{{
    {"minmaj7", {3, 7, 11, -1}}, {"mmaj7", {3, 7, 11, -1}},  {"m7b5", {3, 6, 10, -1}},  {"min7b5", {3, 6, 10, -1}},
    {"halfdim", {3, 6, 10, -1}}, {"maj13", {4, 7, 11, 21}},  {"maj11", {4, 7, 11, 17}}, {"major7", {4, 7, 11, -1}},
    {"major", {4, 7, -1, -1}},   {"minor7", {3, 7, 10, -1}}, {"minor", {3, 7, -1, -1}}, {"maj7", {4, 7, 11, -1}},
    {"maj9", {4, 7, 11, 14}},    {"maj6", {4, 7, 9, -1}},    {"min7", {3, 7, 10, -1}},  {"min9", {3, 7, 10, 14}},
    {"min6", {3, 7, 9, -1}},     {"dim7", {3, 6, 9, -1}},    {"aug7", {4, 8, 10, -1}},  {"sus2", {2, 7, -1, -1}},
    {"sus4", {5, 7, -1, -1}},    {"sus", {5, 7, -1, -1}},    {"maj", {4, 7, -1, -1}},   {"min", {3, 7, -1, -1}},
    {"dim", {3, 6, -1, -1}},     {"aug", {4, 8, -1, -1}},    {"m13", {3, 7, 10, 21}},   {"m11", {3, 7, 10, 17}},
    {"m69", {3, 7, 9, 14}},      {"m6", {3, 7, 9, -1}},      {"m7", {3, 7, 10, -1}},    {"m9", {3, 7, 10, 14}},
    {"M7", {4, 7, 11, -1}},      {"m", {3, 7, -1, -1}},      {"M", {4, 7, -1, -1}},     {"-7", {3, 7, 10, -1}},
    {"-", {3, 7, -1, -1}},       {"+", {4, 8, -1, -1}},      {"o7", {3, 6, 9, -1}},     {"o", {3, 6, -1, -1}},
    {"69", {4, 7, 9, 14}},       {"6", {4, 7, 9, -1}},       {"5", {7, -1, -1, -1}},
}};

// Extensions that may follow any quality: what they add, and what they take away.
struct Extension {
  std::string_view text;
  std::array<int, 3> added;
  std::array<int, 2> removed;
};
constexpr std::array<Extension, 24> kExtensions{{
    {"add13", {21, -1, -1}, {-1, -1}}, {"add11", {17, -1, -1}, {-1, -1}}, {"add9", {14, -1, -1}, {-1, -1}},
    {"add4", {5, -1, -1}, {-1, -1}},   {"add2", {2, -1, -1}, {-1, -1}},   {"sus4", {5, -1, -1}, {3, 4}},
    {"sus2", {2, -1, -1}, {3, 4}},     {"sus", {5, -1, -1}, {3, 4}},      {"alt", {6, 13, 15}, {7, -1}},
    {"no3", {-1, -1, -1}, {3, 4}},     {"no5", {-1, -1, -1}, {7, -1}},    {"b13", {20, -1, -1}, {-1, -1}},
    {"#11", {18, -1, -1}, {-1, -1}},   {"b9", {13, -1, -1}, {-1, -1}},    {"#9", {15, -1, -1}, {-1, -1}},
    {"b5", {6, -1, -1}, {7, -1}},      {"#5", {8, -1, -1}, {7, -1}},      {"+5", {8, -1, -1}, {7, -1}},
    {"-5", {6, -1, -1}, {7, -1}},      {"13", {10, 14, 21}, {-1, -1}},    {"11", {10, 14, 17}, {-1, -1}},
    {"9", {10, 14, -1}, {-1, -1}},     {"7", {10, -1, -1}, {-1, -1}},     {"5", {7, -1, -1}, {-1, -1}},
}};

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

int take_accidentals(std::string_view& text) {
  int sharps = 0;
  while (!text.empty() && std::abs(sharps) < 2) {
    if (text.front() == '#') {
      ++sharps;
    } else if (text.front() == 'b') {
      --sharps;
    } else {
      break;
    }
    text.remove_prefix(1);
  }
  return sharps;
}

// "min" begins with an m as "maj" does: the list is in the order in which to try.
Intervals take_quality(std::string_view& text) {
  Intervals intervals;
  intervals.set(0);
  for (const Quality& quality : kQualities) {
    if (!take(text, quality.text)) continue;
    for (const int interval : quality.intervals) {
      if (interval >= 0) intervals.set(static_cast<std::size_t>(interval));
    }
    return intervals;
  }
  return intervals.set(4).set(7);
}

// "7" on a chord that has a seventh already changes nothing; on a suspended one it adds the small one.
bool take_extension(std::string_view& text, Intervals& intervals) {
  for (const char* filler : {"(", ")", ",", " "}) {
    if (take(text, filler)) return true;
  }
  for (const Extension& extension : kExtensions) {
    if (!take(text, extension.text)) continue;
    for (const int interval : extension.removed) {
      if (interval >= 0) intervals.reset(static_cast<std::size_t>(interval));
    }
    const bool seventh = intervals.test(9) || intervals.test(10) || intervals.test(11);
    for (const int interval : extension.added) {
      if (interval >= 0 && !(interval == 10 && seventh)) intervals.set(static_cast<std::size_t>(interval));
    }
    return true;
  }
  return false;
}

// Signs that fonts and programs use for the same words.
std::string plain(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSigns{{{"\xE2\x99\xAF", "#"},
                                                                                        {"\xE2\x99\xAD", "b"},
                                                                                        {"\xCE\x94", "maj7"},
                                                                                        {"\xC2\xB0", "dim"},
                                                                                        {"\xC3\xB8", "m7b5"},
                                                                                        {"6/9", "69"}}};
  std::string result(text);
  for (const auto& [sign, word] : kSigns) {
    for (std::size_t at = result.find(sign); at != std::string::npos; at = result.find(sign, at + word.size())) {
      result.replace(at, sign.size(), word);
    }
  }
  return result;
}

}  // namespace

int pitch_class_of(char letter, int sharps) {
  static constexpr std::array<int, 7> kNaturals = {9, 11, 0, 2, 4, 5, 7};
  if (letter < 'A' || letter > 'G') return -1;
  return ((kNaturals[static_cast<std::size_t>(letter - 'A')] + sharps) % 12 + 12) % 12;
}

std::optional<ChordSymbol> parse_chord_symbol(std::string_view symbol) {
  if (symbol.size() > kLongestSymbol) return std::nullopt;
  const std::string held = plain(symbol);
  std::string_view text = held;
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  for (const char* none : {"N.C.", "NC", "N.C", "n.c.", "N"}) {
    if (text == none) return ChordSymbol{};
  }
  if (text.empty() || pitch_class_of(text.front(), 0) < 0) return std::nullopt;
  const char letter = text.front();
  text.remove_prefix(1);
  ChordSymbol chord;
  chord.root = chord.bass = pitch_class_of(letter, take_accidentals(text));
  Intervals intervals = take_quality(text);
  while (!text.empty() && text.front() != '/') {
    if (!take_extension(text, intervals)) return std::nullopt;
  }
  if (take(text, "/")) {
    if (text.empty() || pitch_class_of(text.front(), 0) < 0) return std::nullopt;
    const char bass = text.front();
    text.remove_prefix(1);
    chord.bass = pitch_class_of(bass, take_accidentals(text));
    if (!text.empty()) return std::nullopt;
  }
  for (int i = 0; i < static_cast<int>(intervals.size()); ++i) {
    if (!intervals.test(static_cast<std::size_t>(i))) continue;
    chord.pitch_classes = static_cast<std::uint16_t>(chord.pitch_classes | 1U << ((chord.root + i) % 12));
  }
  chord.pitch_classes = static_cast<std::uint16_t>(chord.pitch_classes | 1U << chord.bass);
  return chord;
}

}  // namespace pop2piano
