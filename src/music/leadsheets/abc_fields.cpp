// SPDX-License-Identifier: MIT
#include "music/leadsheets/abc_fields.h"

#include <cctype>
#include <charconv>
#include <cstddef>
#include <string>
#include <utility>

namespace pop2piano {
namespace {

constexpr int kMaxNumber = 1024;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

// "3/8" as a pair; {0, 0} unless both are numbers from 1 to kMaxNumber and nothing follows.
std::pair<int, int> fraction(std::string_view text) {
  int over = 0, under = 0;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, over);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '/') return {0, 0};
  const auto second = std::from_chars(first.ptr + 1, end, under);
  if (second.ec != std::errc() || second.ptr != end) return {0, 0};
  const bool sound = over > 0 && under > 0 && over <= kMaxNumber && under <= kMaxNumber;
  return sound ? std::pair(over, under) : std::pair(0, 0);
}

// Sharps of a major key by its tonic's place on the line of fifths.
int fifths_of(char letter) {
  constexpr std::string_view kLine = "FCGDAEB";
  return static_cast<int>(kLine.find(letter)) - 1;
}

int mode_offset(std::string_view mode) {
  const std::string lower = [&] {
    std::string text;
    for (const char c : mode.substr(0, 3)) {
      text.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
    return text;
  }();
  if (lower == "mix") return -1;
  if (lower == "dor") return -2;
  if (lower == "aeo" || lower == "min" || lower == "m" || (lower.size() > 1 && lower[0] == 'm' && lower[1] == ' ')) {
    return -3;
  }
  if (lower == "phr") return -4;
  if (lower == "loc") return -5;
  return lower == "lyd" ? 1 : 0;
}

}  // namespace

bool parse_abc_metre(std::string_view text, AbcMetre& metre) {
  text = trimmed(text);
  if (text == "C") {
    metre = {4, 4, 1.0};
  } else if (text == "C|") {
    metre = {2, 2, 1.0};
  } else if (text == "none" || text.empty()) {
    metre = {4, 4, 0.0};
  } else {
    const auto [over, under] = fraction(text);
    if (over == 0 || over > 64 || under > 64) return false;
    metre = {over, under, static_cast<double>(over) / under};
  }
  return true;
}

double parse_abc_length(std::string_view text) {
  text = trimmed(text);
  if (text == "1") return 1.0;
  const auto [over, under] = fraction(text);
  return over == 0 ? 0.0 : static_cast<double>(over) / under;
}

double parse_abc_tempo(std::string_view text) {
  if (const auto quote = text.find('"'); quote != std::string_view::npos) {
    const auto end = text.find('"', quote + 1);
    if (end == std::string_view::npos) return 0.0;
    const auto before = trimmed(text.substr(0, quote));
    text = before.empty() ? text.substr(end + 1) : before;
  }
  double quarters = 1.0;
  if (const auto equals = text.find('='); equals != std::string_view::npos) {
    double sum = 0.0;
    std::string_view left = trimmed(text.substr(0, equals));
    while (!left.empty()) {
      const auto space = left.find(' ');
      sum += parse_abc_length(left.substr(0, space));
      left = space == std::string_view::npos ? std::string_view() : trimmed(left.substr(space));
    }
    if (sum > 0.0) quarters = 4.0 * sum;
    text = text.substr(equals + 1);
  }
  text = trimmed(text);
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const double tempo = error == std::errc() && end != text.data() ? quarters * number : 0.0;
  return tempo >= 10.0 && tempo <= 1000.0 ? tempo : 0.0;
}

std::array<int, 7> parse_abc_key(std::string_view text) {
  std::array<int, 7> accidentals{};
  text = trimmed(text);
  if (text.starts_with("HP") || text.starts_with("Hp")) text = "D";
  if (text.empty() || text.front() < 'A' || text.front() > 'G') return accidentals;
  int fifths = fifths_of(text.front());
  text.remove_prefix(1);
  if (!text.empty() && (text.front() == '#' || text.front() == 'b')) {
    fifths += text.front() == '#' ? 7 : -7;
    text.remove_prefix(1);
  }
  fifths += mode_offset(trimmed(text));
  constexpr std::string_view kSharps = "FCGDAEB";
  for (int i = 0; i < 7; ++i) {
    const bool sharp = fifths > i, flat = -fifths > i;
    const char letter = kSharps[static_cast<std::size_t>(sharp ? i : 6 - i)];
    if (sharp || flat) accidentals[static_cast<std::size_t>(letter - 'A')] = sharp ? 1 : -1;
  }
  return accidentals;
}

}  // namespace pop2piano
