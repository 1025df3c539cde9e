// SPDX-License-Identifier: MIT
#include "music/scorefiles/musicxml_measures.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "music/score/metre.h"
#include "music/scorefiles/score_limits.h"

namespace pop2piano {
namespace {

using pugi::xml_node;

constexpr std::size_t kMaxBeats = 1'000'000;
constexpr double kMaxDuration = 1000.0;  // quarters, of a note
constexpr double kSlip = 0.05;           // quarters; what rounded tuplets may miss a barline by

/// What the parts say of one measure.
struct Measure {
  std::string number;          // as the first part that has it says
  std::optional<Metre> metre;  // that begins here
  double content = 0.0;        // quarters, of the longest part
  double rests = 0.0;          // quarters, of rests that stand for the whole measure
};

/// "3", "3+2" as a sum; 0: something else.
int sum_of(std::string_view text) {
  int sum = 0, number = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '9' && number < 1000) {
      number = 10 * number + (c - '0');
    } else if (c == '+') {
      sum += number;
      number = 0;
    } else if (c != ' ') {
      return 0;
    }
  }
  return sum + number;
}

/// The sum of its fractions, over the largest denominator.
std::optional<Metre> metre_of_time(const xml_node& time) {
  std::vector<Metre> parts;
  int denominator = 1;
  for (xml_node beats = time.child("beats"); beats; beats = beats.next_sibling("beats")) {
    const Metre part{sum_of(beats.text().get()), beats.next_sibling("beat-type").text().as_int()};
    if (!is_metre(part.numerator, part.denominator)) return std::nullopt;
    parts.push_back(part);
    denominator = std::max(denominator, part.denominator);
  }
  int numerator = 0;
  for (const Metre& part : parts) numerator += part.numerator * (denominator / part.denominator);
  if (!is_metre(numerator, denominator)) return std::nullopt;
  return Metre{numerator, denominator};
}

/// A part's measure; `divisions` of a quarter go on from one to the next.
void read_measure(const xml_node& node, double& divisions, Measure& measure) {
  double position = 0.0;
  for (const xml_node child : node.children()) {
    const std::string_view name = child.name();
    if (name == "attributes") {
      if (const double found = child.child("divisions").text().as_double(); found > 0.0) divisions = found;
      if (!measure.metre) measure.metre = metre_of_time(child.child("time"));
    }
    const double duration = std::clamp(child.child("duration").text().as_double() / divisions, 0.0, kMaxDuration);
    if (name == "backup") position = std::max(0.0, position - duration);
    if (name == "forward") position += duration;
    if (name == "note" && !child.child("grace") && !child.child("chord")) {
      const bool whole = std::string_view(child.child("rest").attribute("measure").value()) == "yes";
      if (whole && position == 0.0) measure.rests = std::max(measure.rests, duration);
      position += duration;
      if (whole) continue;
    }
    if (name == "note" || name == "forward") measure.content = std::max(measure.content, position);
  }
}

std::vector<Measure> read_measures(const pugi::xml_document& document) {
  std::vector<Measure> measures;
  for (const xml_node part : document.child("score-partwise").children("part")) {
    double divisions = 1.0;
    std::size_t index = 0;
    for (const xml_node node : part.children("measure")) {
      if (index == measures.size()) measures.push_back({.number = shown_text(node.attribute("number").value(), 20)});
      read_measure(node, divisions, measures[index++]);
    }
  }
  return measures;
}

/// In 64th notes.
int length_of(const Measure& measure, const std::optional<Metre>& metre) {
  const double full = (metre ? metre->length() : 64) / static_cast<double>(kQuarterLength);
  const double rests = metre ? std::min(measure.rests, full) : measure.rests;
  const double length = std::max(measure.content, rests);
  if (length <= 0.0 || std::abs(length - full) < kSlip) return static_cast<int>(std::lround(full * kQuarterLength));
  return std::max(1, static_cast<int>(std::ceil((length - kSlip) * kQuarterLength)));
}

}  // namespace

void set_times(BeatGrid& grid, const std::map<double, double>& tempos) {
  double time = 0.0, tempo = tempos.empty() ? kUnmarkedTempo : tempos.begin()->second;
  auto next = tempos.begin();
  const std::vector<int> starts = beat_starts(grid);
  grid.times.clear();
  for (std::size_t i = 0; i < grid.numbers.size(); ++i) {
    const double length = static_cast<double>(starts[i + 1] - starts[i]) / kQuarterLength;
    const double middle = static_cast<double>(starts[i]) / kQuarterLength + 0.5 * length;
    for (; next != tempos.end() && next->first < middle; ++next) tempo = next->second;
    grid.times.push_back(time);
    time += 60.0 / tempo * length;
  }
}

Measures measures_of(const pugi::xml_document& document, const std::string& what) {
  Measures found;
  std::vector<PlannedBar> bars;
  std::optional<Metre> metre;
  std::int64_t end = 0;  // 64th notes
  std::size_t beats = 0;
  for (const Measure& measure : read_measures(document)) {
    if (measure.metre) metre = measure.metre;
    const int length = length_of(measure, metre);
    bars.push_back({metre.value_or(metre_of_length(length)), length});
    found.starts.push_back(static_cast<double>(end) / kQuarterLength);
    end += length;
    beats += static_cast<std::size_t>(length / beats_of(bars.back().metre).front()) + 1;
    const double quarters = static_cast<double>(end) / kQuarterLength;
    if (quarters > kMostQuarters) {
      throw Error(ErrorCode::unsupported,
                  fmt::format("{}: expected at most {} quarters, found more in measure {}, which "
                              "ends at quarter {:.0f}; correct its durations or split the score",
                              what, kMostQuarters, measure.number, quarters));
    }
    if (beats > kMaxBeats) {
      throw Error(ErrorCode::unsupported, what + ": expected at most a million beats, found more; split the score");
    }
  }
  found.end = static_cast<double>(end) / kQuarterLength;
  if (bars.empty()) bars.push_back({});
  found.grid = beats_of_bars(bars);
  return found;
}

}  // namespace pop2piano
