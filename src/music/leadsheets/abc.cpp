// SPDX-License-Identifier: MIT
// ABC -> LeadSheet: the common subset of the standard 2.1 that lead_sheet.h names. Every read is within the text.
#include <pop2piano/error.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>

#include "base/core/legacy_text.h"
#include "music/leadsheets/abc_fields.h"
#include "music/leadsheets/abc_music.h"
#include "music/leadsheets/abc_repeats.h"
#include "music/leadsheets/lead_sheet.h"
#include "music/scorefiles/score_limits.h"

namespace pop2piano {
namespace {

constexpr std::size_t kMaxBytes = 16U << 20;
constexpr int kMaxNumber = 1024;  // of a length or a tuplet

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_note(char c) { return (c >= 'A' && c <= 'G') || (c >= 'a' && c <= 'g'); }

/// A field line "X:..."; music such as "d:|" is none.
bool is_field(std::string_view line) {
  return line.size() >= 2 && line[1] == ':' &&
         (std::isalpha(static_cast<unsigned char>(line[0])) != 0 || line[0] == '+') &&
         !(line.size() > 2 && (line[2] == '|' || line[2] == ':'));
}

class AbcReader {
 public:
  AbcReader(const std::string& what, Repeats repeats) : what_(what), repeats_(repeats) {}

  LeadSheet read(std::string_view text) {
    while (!text.empty()) {
      const auto end = text.find('\n');
      read_line(text.substr(0, end));
      ++line_;
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
    if (!body_) throw Error(ErrorCode::malformed, what_ + ": expected ABC notation with a line K:, found none");
    if (music_.notes.empty()) throw Error(ErrorCode::nothing_found, what_ + ": expected notes, found none");
    if (repeats_ == Repeats::play) music_ = played_out(music_, signs_.take(music_.length), what_);
    LeadSheet sheet = sheet_of(music_, first_metre_, tempo_);
    sheet.title = shown_text(title_);
    return sheet;
  }

 private:
  [[noreturn]] void fail(const std::string& expected) const {
    throw Error(ErrorCode::malformed, what_ + ": line " + std::to_string(line_) + ": " + expected);
  }

  void read_line(std::string_view line) {
    while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
    if (line.starts_with('%')) return;
    if (is_field(line)) return read_field(line[0], line.substr(2));
    if (const auto end = line.find(']'); body_ && line.starts_with("[V:") && end != std::string_view::npos) {
      choose_voice(line.substr(3, end - 3));
      line.remove_prefix(end + 1);
    }
    if (body_ && !line.empty() && !muted_) read_music(line);
  }

  void read_field(char name, std::string_view value) {
    if (const auto comment = value.find('%'); comment != std::string_view::npos) value = value.substr(0, comment);
    while (!value.empty() && is_space(value.front())) value.remove_prefix(1);
    if (name == 'T' && title_.empty()) title_ = value;
    if (name == 'V' && body_) return choose_voice(value);
    if (muted_) return;
    if (name == 'M' && !parse_abc_metre(value, metre_)) fail("M: with a metre such as 4/4 expected");
    if (name == 'L') {
      unit_ = parse_abc_length(value);
      if (unit_ <= 0.0) fail("L: with a length such as 1/8 expected");
    }
    if (name == 'Q' && tempo_ == 0.0) tempo_ = parse_abc_tempo(value);
    if (name != 'K') return;
    key_ = parse_abc_key(value);
    if (!body_) first_metre_ = metre_;
    body_ = true;
  }

  void choose_voice(std::string_view value) {
    const std::string id(value.substr(0, value.find_first_of(" \t")));
    if (voice_.empty() && music_.notes.empty()) voice_ = id;
    muted_ = id != voice_;
  }

  void read_music(std::string_view line) {
    text_ = line;
    at_ = 0;
    while (at_ < text_.size() && !muted_) read_sign();
  }

  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void read_sign() {
    const char c = peek();
    if (is_note(c) || c == '^' || c == '_' || c == '=') {
      const int pitch = read_pitch();
      return sound({pitch}, read_length());
    }
    switch (c) {
      case '"':
        return read_quoted();
      case '[':
        return read_bracket();
      case '|':
      case ':':
      case ']':
        return read_bar();
      case '(':
        return read_tuplet();
      case '>':
      case '<':
        return read_broken_rhythm();
      case '{':
        return skip_to('}');
      case '%':
        at_ = text_.size();
        return;
      case '-':
        ++at_;
        tied_ = !music_.notes.empty();
        return;
      case '&':  // another voice up to the bar's end
        while (at_ < text_.size() && peek() != '|') ++at_;
        return;
      default:
        return read_rest_or_ornament(c);
    }
  }

  void read_rest_or_ornament(char c) {
    ++at_;
    if (c == 'z' || c == 'x') return rest(read_length() * unit() * take_factor());
    if (c == 'Z' || c == 'X') return rest(read_length() * (metre_.whole > 0.0 ? metre_.whole : 1.0));
    if (c == 'y') return void(read_length());
    if (c == '!' || c == '+') {
      const auto end = text_.find(c, at_);
      if (end == std::string_view::npos) return;
      signs_.words(text_.substr(at_, end - at_), music_.length);
      at_ = end + 1;
      return;
    }
    if (c == 'S' || c == 'O') signs_.words(text_.substr(at_ - 1, 1), music_.length);
    constexpr std::string_view kPassedOver = " \t)~.`\\$*,;HIJKLMNOPQRSTUVWhijklmnopqrstuvw";
    if (kPassedOver.find(c) == std::string_view::npos) {
      fail("music expected, found a byte " + std::to_string(static_cast<unsigned char>(c)));
    }
  }

  void skip_to(char closing) {
    const auto end = text_.find(closing, at_ + 1);
    if (end == std::string_view::npos) fail(std::string("a closing ") + closing + " expected");
    at_ = end + 1;
  }

  void read_quoted() {
    const auto end = text_.find('"', at_ + 1);
    if (end == std::string_view::npos) fail("a closing \" expected");
    const auto text = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    if (constexpr std::string_view kPlaces = "^_<>@"; !text.empty() && kPlaces.find(text[0]) != std::string_view::npos)
      return signs_.words(text.substr(1), music_.length);
    if (const auto chord = parse_chord_symbol(text)) music_.chords.push_back({music_.length, *chord});
  }

  void read_bracket() {
    const char next = peek(1);
    if (next == '|' || is_digit(next)) {
      ++at_;
      return is_digit(next) ? read_ending_numbers() : read_bar();
    }
    if (std::isalpha(static_cast<unsigned char>(next)) != 0 && peek(2) == ':') {
      const auto end = text_.find(']', at_);
      if (end == std::string_view::npos) fail("a closing ] expected");
      read_field(next, text_.substr(at_ + 3, end - at_ - 3));
      at_ = end + 1;
      return;
    }
    ++at_;
    std::vector<int> pitches;
    double length = 0.0;
    while (peek() != ']') {
      if (at_ >= text_.size()) fail("a closing ] expected");
      if (peek() == '"') {
        read_quoted();
      } else if (is_note(peek()) || peek() == '^' || peek() == '_' || peek() == '=') {
        pitches.push_back(read_pitch());
        const double own = read_length();
        if (pitches.size() == 1) length = own;
      } else {
        ++at_;  // ties and ornaments of single notes
      }
    }
    ++at_;
    if (!pitches.empty()) sound(pitches, length * read_length());
  }

  void read_ending_numbers() {
    const std::size_t first = at_;
    while (is_digit(peek()) || peek() == ',' || peek() == '-') ++at_;
    if (at_ > first) signs_.ending(text_.substr(first, at_ - first), music_.length);
  }

  void read_bar() {
    bool bar = false;
    const std::size_t first = at_;
    for (char c = peek(); c == '|' || c == ':' || c == ']' || (c == '[' && peek(1) == '|'); c = peek()) {
      bar = bar || c != ']';
      ++at_;
    }
    if (bar) signs_.barline(text_.substr(first, at_ - first), music_.length);
    read_ending_numbers();
    if (!bar) return;
    in_bar_.fill(kUnset);
    if (music_.bars.empty() ? music_.length > 0.0 : music_.length > music_.bars.back() + 1e-9)
      music_.bars.push_back(music_.length);
  }

  void read_tuplet() {
    ++at_;
    if (!is_digit(peek())) return;  // a slur
    const int p = read_number();
    const bool compound = metre_.denominator == 8 && metre_.numerator % 3 == 0;
    int q = p == 3 || p == 6 ? 2 : p == 2 || p == 4 || p == 8 ? 3 : compound ? 3 : 2;
    int r = p;
    if (peek() == ':') {
      ++at_;
      if (is_digit(peek())) q = read_number();
      if (peek() == ':') {
        ++at_;
        if (is_digit(peek())) r = read_number();
      }
    }
    if (p < 1 || q < 1 || r < 1) fail("a tuplet of at least one note expected");
    tuplet_left_ = r;
    tuplet_factor_ = static_cast<double>(q) / p;
  }

  void read_broken_rhythm() {
    const char sign = peek();
    int count = 0;
    for (; peek() == sign; ++at_) ++count;
    if (count > 3 || last_length_ <= 0.0) fail("a note before < or > expected");
    const double small = std::pow(0.5, count), large = 2.0 - small;
    const double before = sign == '>' ? large : small;
    const double change = last_length_ * (before - 1.0);
    if (last_sounds_) music_.notes.back().length += change;
    music_.length += change;
    next_factor_ = sign == '>' ? small : large;
    last_length_ = 0.0;
  }

  int read_number() {
    int number = 0;
    while (is_digit(peek())) {
      number = number * 10 + (peek() - '0');
      if (number > kMaxNumber) fail("a number up to 1024 expected");
      ++at_;
    }
    return number;
  }

  // "2", "3/2", "/", "//", "/4": a factor on the unit length.
  double read_length() {
    double factor = is_digit(peek()) ? read_number() : 1.0;
    while (peek() == '/') {
      ++at_;
      const int under = is_digit(peek()) ? read_number() : 2;
      if (under == 0) fail("a length above 0 expected");
      factor /= under;
    }
    if (factor <= 0.0) fail("a length above 0 expected");
    return factor;
  }

  int read_pitch() {
    int accidental = kUnset;
    for (char c = peek(); c == '^' || c == '_' || c == '='; c = peek()) {
      const int value = accidental == kUnset ? 0 : accidental;
      accidental = c == '=' ? 0 : std::clamp(value + (c == '^' ? 1 : -1), -2, 2);
      ++at_;
    }
    if (!is_note(peek())) fail("a note after an accidental expected");
    const bool lower = peek() >= 'a';
    const char letter = static_cast<char>(lower ? peek() - 'a' + 'A' : peek());
    ++at_;
    int octave = lower ? 6 : 5;
    for (; peek() == '\'' || peek() == ','; ++at_) octave += peek() == '\'' ? 1 : -1;
    const auto index = static_cast<std::size_t>(letter - 'A');
    if (accidental != kUnset) in_bar_[index] = accidental;
    const int sharps = in_bar_[index] != kUnset ? in_bar_[index] : key_[index];
    // The octave is that of the letter: B# and Cb cross it.
    const int pitch = 12 * octave + pitch_class_of(letter, 0) + sharps;
    if (pitch < 0 || pitch > 127) fail("a pitch of MIDI's range expected");
    return pitch;
  }

  [[nodiscard]] double unit() const {
    if (unit_ > 0.0) return unit_;
    return metre_.whole > 0.0 && metre_.whole < 0.75 ? 1.0 / 16 : 1.0 / 8;
  }

  double take_factor() {
    double factor = next_factor_;
    next_factor_ = 1.0;
    if (tuplet_left_ > 0) {
      factor *= tuplet_factor_;
      --tuplet_left_;
    }
    return factor;
  }

  void sound(const std::vector<int>& pitches, double length) {
    const int pitch = *std::max_element(pitches.begin(), pitches.end());
    length *= unit() * take_factor();
    if (tied_ && music_.notes.back().pitch == pitch) {
      music_.notes.back().length += length;
    } else {
      music_.check_size(what_);
      music_.notes.push_back({music_.length, length, pitch});
    }
    advance(length);
    last_sounds_ = true;
  }
  void rest(double length) {
    advance(length);
    last_sounds_ = false;
  }
  void advance(double length) {
    tied_ = false;
    last_length_ = length;
    music_.length += length;
    music_.check_size(what_);
  }

  static constexpr int kUnset = -100;

  const std::string& what_;
  Repeats repeats_;
  AbcRepeats signs_;
  std::string title_, voice_;
  std::size_t line_ = 1, at_ = 0;
  std::string_view text_;  // the line in work
  bool body_ = false, muted_ = false, tied_ = false, last_sounds_ = false;
  AbcMetre metre_, first_metre_;
  double unit_ = 0.0, tempo_ = 0.0;  // whole notes; quarters per minute
  double last_length_ = 0.0, next_factor_ = 1.0, tuplet_factor_ = 1.0;
  int tuplet_left_ = 0;
  std::array<int, 7> key_{}, in_bar_{kUnset, kUnset, kUnset, kUnset, kUnset, kUnset, kUnset};
  AbcMusic music_;
};

}  // namespace

std::vector<std::string> split_abc(std::span<const std::byte> bytes, const std::string& what) {
  if (bytes.size() > kMaxBytes) throw Error(ErrorCode::unsupported, what + ": ABC of more than 16 MiB");
  const std::string text = utf8_of_unknown({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  std::vector<std::string> tunes;
  for (std::size_t start = 0; start < text.size();) {
    const auto newline = text.find('\n', start);
    const auto next = newline == std::string_view::npos ? text.size() : newline + 1;
    if (text.substr(start).starts_with("X:")) tunes.emplace_back();
    if (!tunes.empty()) tunes.back() += text.substr(start, next - start);
    start = next;
  }
  if (tunes.empty())
    throw Error(ErrorCode::malformed, what + ": expected ABC notation, tunes that begin with X:, found none");
  return tunes;
}

LeadSheet lead_sheet_from_abc(std::string_view tune, const std::string& what, Repeats repeats) {
  return AbcReader(what, repeats).read(tune);
}

}  // namespace pop2piano
