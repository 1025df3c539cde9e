// SPDX-License-Identifier: MIT
#include "learning/genres/harmony.h"

#include <pop2piano/error.h>

#include <array>
#include <string>

#include <fmt/format.h>

namespace pop2piano {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t end = text.find(at);
    words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end + 1);
  }
}

std::vector<int> intervals_of(std::string_view kind, std::string_view word) {
  if (kind.empty()) return {0, 4, 7};
  if (kind == "m") return {0, 3, 7};
  if (kind == "7") return {0, 4, 7, 10};
  if (kind == "m7") return {0, 3, 7, 10};
  if (kind == "M7") return {0, 4, 7, 11};
  if (kind == "o") return {0, 3, 6};
  throw Error(ErrorCode::invalid_argument, fmt::format("chord \"{}\": no kind \"{}\"", word, kind));
}

SongChord chord_of(std::string_view word, int key) {
  constexpr std::array kMajor = {0, 2, 4, 5, 7, 9, 11};
  std::string_view rest = word;
  int root = key;
  if (!rest.empty() && rest.front() == 'b') {
    --root;
    rest.remove_prefix(1);
  }
  if (rest.empty() || rest.front() < '1' || rest.front() > '7') {
    throw Error(ErrorCode::invalid_argument, fmt::format("chord \"{}\": a degree from 1 to 7 expected", word));
  }
  root = (root + kMajor[static_cast<std::size_t>(rest.front() - '1')] + 12) % 12;
  SongChord chord{.root = root, .bass = root};
  for (const int interval : intervals_of(rest.substr(1), word)) {
    chord.pitch_classes = static_cast<std::uint16_t>(chord.pitch_classes | 1U << ((root + interval) % 12));
  }
  return chord;
}

}  // namespace

std::vector<SongChord> chords_of_word(std::string_view word, int key) {
  std::vector<SongChord> chords;
  for (const std::string_view part : split(word, '/')) chords.push_back(chord_of(part, key));
  return chords;
}

bool is_minor(std::string_view progression) {
  const std::string_view first = split(progression, ' ').front();
  return first.substr(0, 2) == "1m" || first.substr(0, 2) == "6m";
}

std::vector<SongChord> chords_on(const SongForm& form, std::string_view progression, int key) {
  const auto words = split(progression, ' ');
  std::vector<SongChord> chords;
  for (const SongBar& bar : form.bars) {
    const bool home = bar.kind == BarKind::pickup || bar.kind == BarKind::count_in || bar.kind == BarKind::ending;
    const auto turn = static_cast<std::size_t>(bar.of_section);
    const auto drawn = chords_of_word(words[home ? 0 : turn % words.size()], key);
    const double length = bar.beats / static_cast<double>(drawn.size());
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      SongChord chord = drawn[i];
      chord.start = bar.start + static_cast<double>(i) * length;
      chord.end = chord.start + length;
      chords.push_back(chord);
    }
  }
  return chords;
}

}  // namespace pop2piano
