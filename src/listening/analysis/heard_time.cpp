// SPDX-License-Identifier: MIT
#include "listening/analysis/heard_time.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace pop2piano {
namespace {

// One beat of another grid, at another time.
void append(BeatGrid& to, double time, const BeatGrid& from, std::size_t beat) {
  to.times.push_back(time);
  to.numbers.push_back(from.numbers[beat]);
  if (!from.confidence.empty()) to.confidence.push_back(from.confidence[beat]);
}

int number_after(int number, int beats_per_bar) { return number < beats_per_bar ? number + 1 : 1; }

// The beats of what sounds, and where they stand in `grid`: those at the ends one beat away at most.
BeatGrid sounding_beats(const BeatGrid& grid, const HeardTime& time) {
  const double interval = grid.median_interval();
  BeatGrid heard{.beats_per_bar = grid.beats_per_bar};
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double at = time.heard(grid.times[i]);
    if (time.in_gap(grid.times[i]) || at <= -interval || at >= time.duration() + interval) continue;
    append(heard, at, grid, i);
  }
  return heard;
}

}  // namespace

HeardTime::HeardTime(std::span<const TimeSpan> sounding) : sounding_(sounding.begin(), sounding.end()), starts_{0.0} {
  for (const TimeSpan& part : sounding_) starts_.push_back(starts_.back() + (part.end - part.start));
}

double HeardTime::in_recording(double heard) const {
  const auto after = std::upper_bound(starts_.begin() + 1, starts_.end() - 1, heard);
  const auto part = static_cast<std::size_t>(after - starts_.begin()) - 1;
  return heard + (sounding_[part].start - starts_[part]);
}

double HeardTime::heard(double in_recording) const {
  const std::size_t part = part_at(in_recording);
  const double at = in_recording - (sounding_[part].start - starts_[part]);
  return part + 1 < sounding_.size() ? std::min(at, starts_[part + 1]) : at;
}

bool HeardTime::in_gap(double in_recording) const {
  const std::size_t part = part_at(in_recording);
  return part + 1 < sounding_.size() && in_recording >= sounding_[part].end;
}

// The last that begins before; the first before all.
std::size_t HeardTime::part_at(double in_recording) const {
  const auto after = std::upper_bound(sounding_.begin() + 1, sounding_.end(), in_recording,
                                      [](double time, const TimeSpan& part) { return time < part.start; });
  return static_cast<std::size_t>(after - sounding_.begin()) - 1;
}

// `seconds` from the last beat to the next, `heard_seconds` of them heard.
void HeardTime::go_on_through_gap(BeatGrid& grid, double seconds, double heard_seconds) const {
  constexpr double kInside = 1e-3;  // seconds
  const int bar = std::max(1, grid.beats_per_bar);
  const double beats = (seconds - heard_seconds) / heard_seconds;
  const auto whole = static_cast<int>(std::lround(beats / bar)) * bar;
  const int added = whole > 0 ? whole : static_cast<int>(beats);
  const double from = grid.times.back(), step = seconds / (added + 1);
  const auto gap_end = std::upper_bound(sounding_.begin(), sounding_.end(), from,
                                        [](double time, const TimeSpan& part) { return time < part.start; });
  if (gap_end == sounding_.begin() || gap_end == sounding_.end()) return;
  for (int k = 1; k <= added; ++k) {
    grid.times.push_back(std::clamp(from + k * step, (gap_end - 1)->end + kInside, gap_end->start - kInside));
    grid.numbers.push_back(number_after(grid.numbers.back(), bar));
    if (!grid.confidence.empty()) grid.confidence.push_back(0.0F);
  }
}

BeatGrid HeardTime::in_recording(const BeatGrid& heard) const {
  BeatGrid grid{.beats_per_bar = heard.beats_per_bar};
  for (std::size_t i = 0; i < heard.size(); ++i) {
    const double time = in_recording(heard.times[i]);
    if (i > 0) {
      const double before = heard.times[i] - heard.times[i - 1], seconds = time - grid.times.back();
      if (seconds - before >= before) go_on_through_gap(grid, seconds, before);
    }
    append(grid, time, heard, i);
  }
  return grid;
}

void lay_out_beats(Analysis& analysis) {
  const HeardTime time(analysis.sounding);
  const BeatGrid& given = analysis.rhythm.grid;
  const BeatGrid sounding = sounding_beats(given, time);
  if (sounding.size() < 2) {
    throw Error(ErrorCode::invalid_argument, analysis.source.name + ": of " + std::to_string(given.size()) + " beats " +
                                                 std::to_string(sounding.size()) +
                                                 " lie where the recording sounds, two or more expected");
  }
  const BeatGrid heard = sounding.extended(0.0, time.duration());
  BeatGrid grid{.beats_per_bar = given.beats_per_bar};
  std::vector<std::int32_t> places;
  std::size_t next = 0;  // of the given beats
  for (std::size_t i = 0; i < heard.size(); ++i) {
    const double at = time.in_recording(heard.times[i]);
    const double after = i > 0 ? grid.times.back() : -INFINITY;
    for (; next < given.size() && given.times[next] < at; ++next) {
      const bool silent = i == 0 || time.in_gap(given.times[next]);
      if (silent && given.times[next] > after) append(grid, given.times[next], given, next);
    }
    places.push_back(static_cast<std::int32_t>(grid.size()));
    append(grid, at, heard, i);
  }
  const std::size_t size = grid.size();
  analysis.grid = grid.extended(0.0, grid.times.back());
  const auto before = static_cast<std::int32_t>(analysis.grid.size() - size);
  for (std::int32_t& place : places) place += before;
  const auto first = std::lower_bound(heard.times.begin(), heard.times.end(), sounding.times.front());
  analysis.heard = {.grid = heard,
                    .places = std::move(places),
                    .first_found = static_cast<std::size_t>(first - heard.times.begin()),
                    .found = sounding.size()};
}

}  // namespace pop2piano
