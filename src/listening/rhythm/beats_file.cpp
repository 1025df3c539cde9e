// SPDX-License-Identifier: MIT
#include "listening/rhythm/beats_file.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "base/core/legacy_text.h"
#include "base/core/mapped_file.h"

namespace pop2piano {
namespace {

constexpr double kLongest = 1e6;  // seconds
constexpr int kMostBeatsInBar = 64;
constexpr std::string_view kBetween = " \t\r,;\"";

struct Line {
  std::string place;  // "file: line n: "
  std::vector<std::string_view> fields;
};

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> fields;
  text = text.substr(0, text.find('#'));
  while (true) {
    const std::size_t first = text.find_first_not_of(kBetween);
    if (first == std::string_view::npos) return fields;
    const std::size_t last = std::min(text.size(), text.find_first_of(kBetween, first));
    fields.push_back(text.substr(first, last - first));
    text.remove_prefix(last);
  }
}

std::string shown(std::string_view field) {
  std::string text(field.substr(0, 40));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  }
  return "\"" + text + "\"";
}

double parse_number(const Line& line, std::size_t field, const char* expected) {
  const std::string_view text = line.fields[field];
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    throw Error(ErrorCode::malformed, line.place + "expected " + expected + ", found " + shown(text) +
                                          "; write one time in seconds per line, or time and beat number");
  }
  return value;
}

bool is_column_name(std::string_view field) {
  return field.size() > 3 && std::ranges::all_of(field, [](unsigned char c) { return std::isalpha(c); });
}

class GridBuilder {
 public:
  void add(const Line& written) {
    if (grid_.times.empty() && is_column_name(written.fields.front())) return;
    const Line line = written.fields.size() == 3 ? of_label(written) : written;
    if (line.fields.size() > 2) {
      throw Error(ErrorCode::malformed, line.place + "expected a time, or time and beat number, found " +
                                            std::to_string(line.fields.size()) + " fields; remove the others");
    }
    add_time(line);
    const bool numbered = line.fields.size() == 2;
    if (numbered_ && *numbered_ != numbered) {
      throw Error(ErrorCode::malformed, line.place + "expected a beat number " + (numbered ? "on no line" : "here") +
                                            " as on the lines before, found the contrary; number all beats or none");
    }
    numbered_ = numbered;
    if (numbered) add_beat_number(line);
  }

  BeatGrid finish(const std::string& name, int beats_per_bar) {
    if (grid_.size() < 2) {
      throw Error(ErrorCode::nothing_found, name + ": expected at least two beats, found " +
                                                std::to_string(grid_.size()) + "; write one time in seconds per line");
    }
    if (!*numbered_) {
      for (std::size_t i = 0; i < grid_.size(); ++i) {
        grid_.numbers.push_back(static_cast<int>(i % static_cast<std::size_t>(beats_per_bar)) + 1);
      }
    }
    grid_.beats_per_bar = *numbered_ ? prevailing_metre(beats_per_bar) : beats_per_bar;
    grid_.validate();
    return std::move(grid_);
  }

 private:
  // A label of Audacity, start, end and "bar.beat", as time and beat number.
  static Line of_label(const Line& label) {
    const std::size_t dot = label.fields[2].find('.');
    const double start = parse_number(label, 0, "a time in seconds"), end = parse_number(label, 1, "a time in seconds");
    if (dot == std::string_view::npos || end < start) {
      throw Error(ErrorCode::malformed, label.place + "expected a time, time and beat number, or a label with " +
                                            "start, end and bar.beat, found three fields that end with " +
                                            shown(label.fields[2]) + "; remove the others");
    }
    return {.place = label.place, .fields = {label.fields[0], label.fields[2].substr(dot + 1)}};
  }
  void add_time(const Line& line) {
    const double time = parse_number(line, 0, "a time in seconds");
    if (std::abs(time) > kLongest) {
      throw Error(ErrorCode::malformed, line.place + "expected a time in seconds, found " + shown(line.fields[0]) +
                                            "; times beyond 11 days are not used");
    }
    if (!grid_.times.empty() && time <= grid_.times.back()) {
      throw Error(ErrorCode::malformed, line.place + "expected a time after " + std::to_string(grid_.times.back()) +
                                            ", found " + shown(line.fields[0]) + "; put the beats in order");
    }
    grid_.times.push_back(time);
  }
  void add_beat_number(const Line& line) {
    const double number = parse_number(line, 1, "a beat number");
    if (number < 1 || number > kMostBeatsInBar || number != std::floor(number)) {
      throw Error(ErrorCode::malformed, line.place + "expected a beat number from 1 to " +
                                            std::to_string(kMostBeatsInBar) + ", found " + shown(line.fields[1]) +
                                            "; 1 is the first beat of a bar");
    }
    grid_.numbers.push_back(static_cast<int>(number));
  }
  // The length of most bars; `otherwise` when no bar is whole.
  [[nodiscard]] int prevailing_metre(int otherwise) const {
    std::vector<int> counts(kMostBeatsInBar + 1, 0);
    for (std::size_t i = 0; i + 1 < grid_.numbers.size(); ++i) {
      if (grid_.numbers[i + 1] == 1) ++counts[static_cast<std::size_t>(grid_.numbers[i])];
    }
    const auto most = std::max_element(counts.begin(), counts.end());
    return *most > 0 ? static_cast<int>(most - counts.begin()) : otherwise;
  }

  BeatGrid grid_;
  std::optional<bool> numbered_;
};

}  // namespace

BeatGrid read_beats(std::string_view bytes, const std::string& name, int beats_per_bar) {
  if (beats_per_bar < 1 || beats_per_bar > kMostBeatsInBar) {
    throw Error(ErrorCode::invalid_argument, "beats: expected 1 to 64 beats in a bar, found " +
                                                 std::to_string(beats_per_bar) + "; give the metre's numerator");
  }
  const auto whole = plain_text(bytes);
  if (!whole) throw Error(ErrorCode::malformed, name + ": expected text, found damaged UTF-16; save it as UTF-8");
  std::string_view text = *whole;
  GridBuilder builder;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const Line line{.place = name + ": line " + std::to_string(number) + ": ", .fields = split(text.substr(0, end))};
    if (!line.fields.empty()) builder.add(line);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return builder.finish(name, beats_per_bar);
}

BeatGrid read_beats_file(const std::filesystem::path& file, int beats_per_bar) {
  const MappedFile mapped(file);
  const auto bytes = mapped.bytes();
  return read_beats({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, file.string(), beats_per_bar);
}

}  // namespace pop2piano
