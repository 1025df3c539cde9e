// SPDX-License-Identifier: MIT
#include "music/tempomarks/musicxml_swing.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>

namespace pop2piano {
namespace {

using pugi::xml_node;

constexpr double kMostRatio = 4.0;

bool names_sixteenths(std::string_view text) { return text.find("16") != std::string_view::npos; }

/// As few words as a mark has, in small letters; longer texts tell of something else.
std::string plain_words(std::string_view words) {
  constexpr std::size_t kLongest = 40;
  std::string plain;
  for (const char c : words.substr(0, kLongest + 1)) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isspace(letter) == 0 || (!plain.empty() && plain.back() != ' ')) {
      plain += std::isspace(letter) != 0 ? ' ' : static_cast<char>(std::tolower(letter));
    }
  }
  return plain.size() > kLongest ? std::string() : plain;
}

bool says_swing(std::string_view plain) {
  return plain.starts_with("swing") || plain.starts_with("swung") || plain.starts_with("shuffle") ||
         plain.find(" swing") != std::string_view::npos || plain.find(" shuffle") != std::string_view::npos;
}

std::optional<SwingMark> swing_of_sound(const xml_node& swing) {
  if (swing.child("straight")) return SwingMark{};
  const double second = swing.child("second").text().as_double();
  const double ratio = second > 0.0 ? swing.child("first").text().as_double() / second : 0.0;
  if (!(ratio >= 1.0 && ratio <= kMostRatio)) return std::nullopt;
  return SwingMark{ratio,
                   names_sixteenths(swing.child("swing-type").text().get()) ? kQuarterLength / 2 : kQuarterLength};
}

}  // namespace

bool are_swing_words(std::string_view words) {
  const std::string plain = plain_words(words);
  return says_swing(plain) || plain.starts_with("straight");
}

std::optional<SwingMark> written_swing(const xml_node& node) {
  const xml_node sound = std::string_view(node.name()) == "sound" ? node : node.child("sound");
  if (const xml_node swing = sound.child("swing")) return swing_of_sound(swing);
  for (const xml_node type : node.children("direction-type")) {
    for (const xml_node words : type.children("words")) {
      if (!are_swing_words(words.text().get())) continue;
      const std::string plain = plain_words(words.text().get());
      if (!says_swing(plain)) return SwingMark{};
      return SwingMark{2.0, names_sixteenths(plain) ? kQuarterLength / 2 : kQuarterLength};
    }
  }
  return std::nullopt;
}

std::pair<Swing, std::size_t> prevailing_swing(const std::map<double, SwingMark>& marks, double end, int beat) {
  std::map<SwingMark, double> quarters;
  if (!marks.empty()) quarters[SwingMark{}] += marks.begin()->first;
  for (auto mark = marks.begin(); mark != marks.end(); ++mark) {
    const double until = std::next(mark) == marks.end() ? end : std::next(mark)->first;
    quarters[mark->second] += std::max(0.0, until - mark->first);
  }
  const auto longest = std::max_element(quarters.begin(), quarters.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
  if (longest == quarters.end()) return {};
  SwingMark chosen = longest->first;
  Swing swing{.ratio = chosen.ratio, .pair = chosen.pair * kStepsPerBeat / beat};
  if (swing.pair != kStepsPerBeat && swing.pair != kStepsPerBeat / 2) {
    swing = {};
    chosen = {};
  }
  const auto others =
      std::count_if(marks.begin(), marks.end(), [&](const auto& mark) { return mark.second != chosen; });
  return {chosen.ratio > 1.0 ? swing : Swing{}, static_cast<std::size_t>(others)};
}

}  // namespace pop2piano
