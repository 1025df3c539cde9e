// SPDX-License-Identifier: MIT
// Beats <-> seconds by linear interpolation between the beats of a recording.
#include <pop2piano/error.h>
#include <pop2piano/score.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "music/score/bars.h"
#include "music/score/metre.h"

namespace pop2piano {
namespace {

constexpr int kLongestBeat = 1024;            // 64th notes
constexpr double kMaxAddedBeats = 1'000'000;  // more than 50 hours at 300 beats per minute

int number_before(int number, int beats_per_bar) { return number > 1 ? number - 1 : std::max(1, beats_per_bar); }
int number_after(int number, int beats_per_bar) { return number < beats_per_bar ? number + 1 : 1; }

std::size_t beats_to_add(double seconds, double interval) {
  if (!(seconds > 0.0)) return 0;
  const double count = std::ceil(seconds / interval);
  if (!(count <= kMaxAddedBeats)) {
    throw Error(ErrorCode::invalid_argument, "beat grid: extension by " + std::to_string(seconds) +
                                                 " seconds expected to need at most a million beats of " +
                                                 std::to_string(interval) + " seconds; give a nearer time");
  }
  return static_cast<std::size_t>(count);
}

void validate_writing(const BeatGrid& grid) {
  const auto fail = [](const std::string& what) { throw Error(ErrorCode::invalid_argument, "beat grid: " + what); };
  if (!grid.lengths.empty() && grid.lengths.size() != grid.times.size()) {
    fail("expected no lengths or one for each of " + std::to_string(grid.times.size()) + " beats, found " +
         std::to_string(grid.lengths.size()));
  }
  for (const std::int16_t length : grid.lengths) {
    if (length < 1 || length > kLongestBeat) {
      fail("a beat of 1 to " + std::to_string(kLongestBeat) + " 64th notes expected, found " + std::to_string(length));
    }
  }
  for (std::size_t i = 0; i < grid.fine.size(); ++i) {
    const auto& places = grid.fine[i].places;
    const bool ascend = places.front() == 0 && places.back() < kFineParts &&
                        std::adjacent_find(places.begin(), places.end(), std::greater_equal<>()) == places.end();
    if (!ascend || (i > 0 && grid.fine[i].beat <= grid.fine[i - 1].beat)) {
      fail("fine beats expected in order, their places ascending from 0 to less than " + std::to_string(kFineParts));
    }
  }
  for (const MetreSpan& span : grid.metres) {
    if (!is_metre(span.numerator, span.denominator)) {
      fail("a metre of 1..255 over 1, 2, 4, .. 64 expected, found " + std::to_string(span.numerator) + "/" +
           std::to_string(span.denominator));
    }
  }
}

}  // namespace

double BeatGrid::median_interval() const {
  std::vector<double> intervals;
  intervals.reserve(times.size());
  for (std::size_t i = 1; i < times.size(); ++i) intervals.push_back(times[i] - times[i - 1]);
  const auto middle = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / 2);
  std::nth_element(intervals.begin(), middle, intervals.end());
  if (intervals.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(intervals.begin(), middle));
}

double BeatGrid::time_at(double beat) const {
  const auto last = static_cast<double>(times.size() - 1);
  if (beat < 0.0) return times.front() + beat * median_interval();
  if (beat >= last) return times.back() + (beat > last ? (beat - last) * median_interval() : 0.0);
  const auto index = static_cast<std::size_t>(beat);
  const double fraction = beat - static_cast<double>(index);
  return times[index] + fraction * (times[index + 1] - times[index]);
}

double BeatGrid::beat_at(double seconds) const {
  if (seconds < times.front()) return (seconds - times.front()) / median_interval();
  const auto last = static_cast<double>(times.size() - 1);
  if (seconds >= times.back()) return last + (seconds - times.back()) / median_interval();
  const auto after = std::upper_bound(times.begin(), times.end(), seconds);
  const auto index = static_cast<std::size_t>(after - times.begin()) - 1;
  return static_cast<double>(index) + (seconds - times[index]) / (times[index + 1] - times[index]);
}

double BeatGrid::beat_of(int step) const {
  const int beat = beat_of_step(step), within = step - beat * kStepsPerBeat;
  const auto found = std::lower_bound(fine.begin(), fine.end(), beat,
                                      [](const FineBeat& entry, int value) { return entry.beat < value; });
  if (found == fine.end() || found->beat != beat) return static_cast<double>(step) / kStepsPerBeat;
  return beat + static_cast<double>(found->places[static_cast<std::size_t>(within)]) / kFineParts;
}

BeatGrid BeatGrid::extended(double start, double end) const {
  const double interval = median_interval();
  const std::size_t before = beats_to_add(times.front() - start, interval);
  const std::size_t after = beats_to_add(end - times.back(), interval);
  BeatGrid grid;
  grid.beats_per_bar = beats_per_bar;
  grid.times.resize(before);
  grid.numbers.resize(before);
  int number = numbers.empty() ? 1 : numbers.front();
  for (std::size_t i = before; i-- > 0;) {
    number = number_before(number, beats_per_bar);
    grid.numbers[i] = number;
    grid.times[i] = times.front() - static_cast<double>(before - i) * interval;
  }
  grid.times.insert(grid.times.end(), times.begin(), times.end());
  grid.numbers.insert(grid.numbers.end(), numbers.begin(), numbers.end());
  number = numbers.empty() ? 1 : numbers.back();
  for (std::size_t i = 1; i <= after; ++i) {
    number = number_after(number, beats_per_bar);
    grid.numbers.push_back(number);
    grid.times.push_back(times.back() + static_cast<double>(i) * interval);
  }
  if (!lengths.empty()) {
    grid.lengths.assign(before, lengths.front());
    grid.lengths.insert(grid.lengths.end(), lengths.begin(), lengths.end());
    grid.lengths.resize(grid.times.size(), lengths.back());
  }
  grid.metres = metres;
  for (MetreSpan& span : grid.metres) span.first_beat += static_cast<int>(before);
  grid.fine = fine;
  for (FineBeat& entry : grid.fine) entry.beat += static_cast<int>(before);
  if (!confidence.empty()) {
    grid.confidence.assign(before, 0.0F);
    grid.confidence.insert(grid.confidence.end(), confidence.begin(), confidence.end());
    grid.confidence.resize(grid.times.size(), 0.0F);
  }
  return grid;
}

void BeatGrid::validate() const {
  const auto fail = [](const std::string& what) { throw Error(ErrorCode::invalid_argument, "beat grid: " + what); };
  if (times.size() < 2) fail("expected at least 2 beats, found " + std::to_string(times.size()));
  if (numbers.size() != times.size()) {
    fail("expected one number for each of " + std::to_string(times.size()) + " beats, found " +
         std::to_string(numbers.size()));
  }
  if (!confidence.empty() && confidence.size() != times.size()) {
    fail("expected no confidence or one for each of " + std::to_string(times.size()) + " beats, found " +
         std::to_string(confidence.size()));
  }
  if (beats_per_bar < 1) fail("expected at least 1 beat per bar, found " + std::to_string(beats_per_bar));
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (!std::isfinite(times[i])) fail("time of beat " + std::to_string(i + 1) + " expected finite");
    if (i > 0 && !(times[i] > times[i - 1])) {
      fail("time of beat " + std::to_string(i + 1) + " expected after " + std::to_string(times[i - 1]) +
           " seconds, found " + std::to_string(times[i]));
    }
    if (numbers[i] < 1) {
      fail("number of beat " + std::to_string(i + 1) + " expected 1 or more, found " + std::to_string(numbers[i]));
    }
  }
  validate_writing(*this);
}

}  // namespace pop2piano
