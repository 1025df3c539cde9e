// SPDX-License-Identifier: MIT
#include "writing/cover/sounding_notes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "listening/analysis/heard_time.h"

namespace pop2piano {
namespace {

constexpr double kLongestRest = 1.0;  // seconds of silence through which a note may be held

/// Between two beats that a gap parts, time decides.
class Places {
 public:
  explicit Places(const Analysis& analysis) : grid_(analysis.grid), heard_(analysis.heard), time_(analysis.sounding) {}

  [[nodiscard]] double beat(double heard) const {
    const auto last = static_cast<double>(heard_.places.size() - 1);
    const auto below = static_cast<std::size_t>(std::clamp(std::floor(heard), 0.0, last));
    const std::int32_t place = heard_.places[below];
    const double beyond = heard - static_cast<double>(below);
    const bool parted = beyond > 0.0 && below + 1 < heard_.places.size() && heard_.places[below + 1] != place + 1;
    return parted ? grid_.beat_at(time_.in_recording(heard_.grid.time_at(heard))) : place + beyond;
  }
  [[nodiscard]] std::int32_t step(std::int32_t heard) const {
    return static_cast<std::int32_t>(std::lround(beat(static_cast<double>(heard) / kStepsPerBeat) * kStepsPerBeat));
  }

 private:
  const BeatGrid& grid_;
  const HeardBeats& heard_;
  HeardTime time_;
};

/// Seconds in which no note begins, ascending: faint ones, gaps, what lies before and behind all that sounds.
std::vector<TimeSpan> silences(const Analysis& analysis) {
  constexpr double kEver = std::numeric_limits<double>::infinity();
  std::vector<TimeSpan> all = analysis.faint;
  double heard_until = 0.0;
  for (const TimeSpan& part : analysis.sounding) {
    all.push_back({heard_until, part.start});
    heard_until = part.end;
  }
  all.push_back({std::min(heard_until, analysis.source.duration()), kEver});
  std::ranges::sort(all, {}, &TimeSpan::start);
  std::vector<TimeSpan> joined{{-kEver, 0.0}};
  for (const TimeSpan& span : all) {
    if (span.end <= span.start) continue;
    if (span.start <= joined.back().end) {
      joined.back().end = std::max(joined.back().end, span.end);
    } else {
      joined.push_back(span);
    }
  }
  return joined;
}

/// The first silence that ends after `seconds`; there always is one.
const TimeSpan& silence_at_or_after(std::span<const TimeSpan> silences, double seconds) {
  return *std::ranges::upper_bound(silences, seconds, {}, &TimeSpan::end);
}

}  // namespace

std::vector<Note> in_recording(std::vector<Note> notes, const Analysis& analysis) {
  const Places places(analysis);
  for (Note& note : notes) {
    const std::int32_t offset = places.step(note.offset());
    note.onset = places.step(note.onset);
    note.duration = std::max(1, offset - note.onset);
  }
  return notes;
}

std::vector<double> in_recording(std::vector<double> beats, const Analysis& analysis) {
  const Places places(analysis);
  for (double& beat : beats) beat = places.beat(beat);
  return beats;
}

void keep_where_it_sounds(Score& score, const Analysis& analysis) {
  const auto last = static_cast<std::int32_t>(score.grid.size() - 1) * kStepsPerBeat;
  const std::vector<TimeSpan> silent = silences(analysis);
  const auto time_of = [&](std::int32_t step) { return score.grid.time_at(static_cast<double>(step) / kStepsPerBeat); };
  std::erase_if(score.notes, [&](const Note& note) {
    const double onset = time_of(note.onset);
    return note.onset >= last || silence_at_or_after(silent, onset).start <= onset;
  });
  std::vector<TimeSpan> long_ones;
  std::ranges::copy_if(silent, std::back_inserter(long_ones),
                       [](const TimeSpan& span) { return span.end - span.start >= kLongestRest; });
  for (Note& note : score.notes) {
    note.duration = std::min(note.duration, last - note.onset);
    const double until = silence_at_or_after(long_ones, time_of(note.onset)).start;
    if (time_of(note.offset()) <= until) continue;
    const auto end = static_cast<std::int32_t>(std::ceil(score.grid.beat_at(until) * kStepsPerBeat));
    note.duration = std::clamp(end - note.onset, 1, note.duration);
  }
}

}  // namespace pop2piano
