// SPDX-License-Identifier: MIT
#include "music/score/chord_label.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <vector>

namespace pop2piano {
namespace {

struct Quality {
  std::string_view name;
  std::string_view semitones;  // one character for each, '1' = sounds; 0 = root
  std::string_view base;       // of an extended chord: the seventh chord below, empty otherwise
  std::string_view added;      // of an extended chord: its upper voices
};

constexpr std::array kQualities = {
    Quality{"maj", "100010010000", "", ""},
    Quality{"min", "100100010000", "", ""},
    Quality{"aug", "100010001000", "", ""},
    Quality{"dim", "100100100000", "", ""},
    Quality{"sus4", "100001010000", "", ""},
    Quality{"sus2", "101000010000", "", ""},
    Quality{"7", "100010010010", "", ""},
    Quality{"maj7", "100010010001", "", ""},
    Quality{"min7", "100100010010", "", ""},
    Quality{"minmaj7", "100100010001", "min", "7"},
    Quality{"maj6", "100010010100", "", ""},
    Quality{"min6", "100100010100", "", ""},
    Quality{"dim7", "100100100100", "", ""},
    Quality{"hdim7", "100100100010", "", ""},
    Quality{"9", "100010010010", "7", "9"},
    Quality{"maj9", "100010010001", "maj7", "9"},
    Quality{"min9", "100100010010", "min7", "9"},
    Quality{"11", "100010010010", "7", "9,11"},
    Quality{"min11", "100100010010", "min7", "9,11"},
    Quality{"13", "100010010010", "7", "9,11,13"},
    Quality{"maj13", "100010010001", "maj7", "9,11,13"},
    Quality{"min13", "100100010010", "min7", "9,11,13"},
    Quality{"1", "100000000000", "", ""},
    Quality{"5", "100000010000", "", ""},
};

class ChordParser {
 public:
  ChordParser(std::string_view label, ChordExtensions extensions)
      : label_(label), rest_(label), extensions_(extensions) {}

  Chord parse() {
    if (label_ == "N") return {};
    Chord chord;
    if (label_ == "X") {
      chord.unknown = true;
      return chord;
    }
    chord.root = root();
    shape();
    chord.bass = take("/") ? ((degree() % 12) + 12) % 12 : 0;
    if (!rest_.empty()) fail("nothing more expected at \"" + std::string(rest_) + "\"");
    counts_[static_cast<std::size_t>(chord.bass)] = 1;
    for (std::size_t i = 0; i < 12; ++i) chord.intervals[i] = counts_[i] > 0;
    return chord;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(ErrorCode::malformed, "chord label \"" + std::string(label_) + "\": " + problem);
  }

  bool take(std::string_view token) {
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  // Sharps or flats, not both; their sum in semitones.
  int accidentals() {
    int sum = 0;
    const char first = rest_.empty() ? ' ' : rest_.front();
    if (first != '#' && first != 'b') return 0;
    while (take(std::string_view(&first, 1))) sum += first == '#' ? 1 : -1;
    return sum;
  }

  int root() {
    constexpr std::string_view kNames = "C D EF G A B";
    const std::size_t at = rest_.empty() || rest_.front() == ' ' ? kNames.npos : kNames.find(rest_.front());
    if (at == kNames.npos) fail("a root from A to G, N or X expected");
    rest_.remove_prefix(1);
    return ((static_cast<int>(at) + accidentals()) % 12 + 12) % 12;
  }

  // "1" to "13" with accidentals, in semitones; may lie below 0 or beyond the octave.
  int degree() {
    constexpr std::array kSemitones = {0, 2, 4, 5, 7, 9, 11, 12, 14, 16, 17, 19, 21};
    const int shift = accidentals();
    std::size_t number = 0, digits = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9' && digits < 3) {
      number = number * 10 + static_cast<std::size_t>(rest_.front() - '0');
      rest_.remove_prefix(1);
      ++digits;
    }
    if (number < 1 || number > kSemitones.size()) fail("a scale degree from 1 to 13 expected");
    return kSemitones[number - 1] + shift;
  }

  // ":quality", ":quality(degrees)", ":(degrees)" or nothing, which is major.
  void shape() {
    if (!take(":")) {
      add_quality("maj");
      return;
    }
    const std::string_view name = rest_.substr(0, rest_.find_first_of("(/"));
    rest_.remove_prefix(name.size());
    if (name.empty() && !rest_.starts_with("(")) fail("a quality expected after the colon");
    if (!name.empty()) add_quality(name);
    if (!take("(")) return;
    do add_degree();
    while (take(","));
    if (!take(")")) fail("a closing bracket expected");
  }

  void add_quality(std::string_view name) {
    const auto find = [](std::string_view wanted) {
      return std::find_if(kQualities.begin(), kQualities.end(), [&](const Quality& q) { return q.name == wanted; });
    };
    auto quality = find(name);
    if (quality == kQualities.end()) fail("unknown quality \"" + std::string(name) + "\"");
    if (extensions_ == ChordExtensions::folded && !quality->base.empty()) {
      add_degrees(quality->added);
      quality = find(quality->base);
    }
    for (std::size_t i = 1; i < 12; ++i) counts_[i] += quality->semitones[i] == '1' ? 1 : 0;
  }

  void add_degrees(std::string_view list) {
    std::swap(rest_, list);
    do add_degree();
    while (take(","));
    std::swap(rest_, list);
  }

  // A degree that is named twice counts once; "*" takes one away.
  void add_degree() {
    const std::string_view start = rest_;
    const int sign = take("*") ? -1 : 1;
    const int semitones = degree();
    const std::string_view name = start.substr(0, start.size() - rest_.size());
    if (extensions_ == ChordExtensions::ignored && semitones >= 12) return;
    if (std::find(named_.begin(), named_.end(), name) != named_.end()) return;
    named_.push_back(name);
    counts_[static_cast<std::size_t>((semitones % 12 + 12) % 12)] += sign;
  }

  std::string_view label_, rest_;
  ChordExtensions extensions_;
  std::array<int, 12> counts_{1};  // the root, until a degree takes it away
  std::vector<std::string_view> named_;
};

}  // namespace

Chord parse_chord(std::string_view label, ChordExtensions extensions) { return ChordParser(label, extensions).parse(); }

}  // namespace pop2piano
