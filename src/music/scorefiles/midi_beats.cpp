// SPDX-License-Identifier: MIT
#include "music/scorefiles/midi_beats.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "music/score/bars.h"
#include "music/score/swing.h"

namespace pop2piano {
namespace {

constexpr double kMaxLeadInBeats = 100'000;
constexpr int kShortestUnit = 15, kLongestUnit = 1920;  // ticks: a 128th, a whole note
constexpr int kQuarterPower = 2;                        // of a quarter in a time signature

std::int64_t shortest_beat(int unit) { return kFastestQuarter * unit / kMidiTicksPerQuarter; }  // microseconds

/// Seconds at which the beats of the file start: lead-in, then the grid from its first beat in the recording.
struct BeatTimes {
  int first_beat = 0;  // index into the grid of the first entry, negative when there is a lead-in before it
  std::vector<double> seconds;
};

BeatTimes beat_times(const BeatGrid& song, int last_step, int unit) {
  const double end = std::max(song.time_at(static_cast<double>(last_step) / kStepsPerBeat), 0.0);
  const BeatGrid grid = song.extended(song.times.front(), end);
  const auto first = std::lower_bound(grid.times.begin(), grid.times.end(), -kSameInstant);
  const double lead_in = *first < kSameInstant ? 0.0 : *first;
  const double wanted = std::min(std::round(lead_in / grid.median_interval()), kMaxLeadInBeats);
  const auto most = static_cast<double>(std::llround(lead_in * 1e6) / shortest_beat(unit));  // 0: none fits
  const int lead_in_beats = static_cast<int>(std::min(std::max(1.0, wanted), most));
  BeatTimes beats;
  beats.first_beat = static_cast<int>(first - grid.times.begin()) - lead_in_beats;
  for (int i = 0; i < lead_in_beats; ++i) beats.seconds.push_back(lead_in * i / lead_in_beats);
  beats.seconds.insert(beats.seconds.end(), first, grid.times.end());
  if (lead_in == 0.0) beats.seconds.front() = 0.0;
  beats.seconds.push_back(grid.times.back() + grid.median_interval());
  return beats;
}

/// Writes ticks and tempos from second 0 on. Rounding errors are carried on.
class BeatWriter {
 public:
  explicit BeatWriter(MidiBeats& out) : out_(out) {}

  void write(std::span<const double> seconds) {
    const std::int64_t shortest = kScale * shortest_beat(out_.unit);
    std::size_t first = 0;  // of the beats that are not written yet
    for (std::size_t i = 0; i < seconds.size(); ++i) {
      std::int64_t target = kScale * std::llround(seconds[i] * 1e6);
      const bool starts = i == 0 && target == 0, last = i + 1 == seconds.size();
      if (!starts && !last && target - now_ < shortest) continue;
      if (last) target = std::max(target, now_ + shortest);
      if (starts) {
        out_.ticks.push_back(0);
      } else {
        write_beat(seconds.subspan(first, i - first), target);
      }
      first = i + 1;
    }
  }

 private:
  static constexpr std::int64_t kScale = kMidiTicksPerQuarter;  // times are in microseconds / kScale
  static constexpr double kNear = kScale * 500.0;               // half a millisecond

  /// The next beat of the file, at `target`, and the grid's beats that share the one before.
  void write_beat(std::span<const double> sharing, std::int64_t target) {
    const std::int64_t longest = kSlowestQuarter * out_.unit;
    const std::int64_t units = std::max<std::int64_t>(1, (target - now_ + longest - 1) / longest);
    const std::int64_t end = tick_ + units * out_.unit;
    if (sharing.empty()) {
      for (std::int64_t left = units; left > 0; --left) put((target - now_) / (left * out_.unit), out_.unit);
    } else {
      share(sharing, target, end);
      put((target - now_) / (end - tick_), end - tick_);
    }
    out_.ticks.push_back(tick_);
  }

  /// On the nearest tick; where that is not near, a tempo of its own brings a beat to its time, if programs play it.
  void share(std::span<const double> seconds, std::int64_t target, std::int64_t end) {
    const std::int64_t start = tick_, start_time = now_;
    for (const double time : seconds) {
      const std::int64_t here = kScale * std::llround(time * 1e6);
      const double ticks_a_time = static_cast<double>(end - start) / static_cast<double>(target - start_time);
      const double wanted = static_cast<double>(start) + static_cast<double>(here - start_time) * ticks_a_time;
      const std::int64_t tick = std::llround(wanted);
      const bool near = std::abs(wanted - static_cast<double>(tick)) < kNear * ticks_a_time;
      if (!near && playable(here - now_, tick - tick_) && playable(target - here, end - tick)) {
        put((here - now_) / (tick - tick_), tick - tick_);
      }
      out_.ticks.push_back(tick);
    }
  }

  static bool playable(std::int64_t time, std::int64_t ticks) {
    return ticks > 0 && time >= kFastestQuarter * ticks && time <= kSlowestQuarter * ticks;
  }
  void put(std::int64_t quarter, std::int64_t ticks) {
    const auto tempo = static_cast<std::uint32_t>(std::clamp(quarter, kFastestQuarter, kSlowestQuarter));
    if (out_.tempos.empty() || out_.tempos.back().second != tempo) out_.tempos.emplace_back(tick_, tempo);
    now_ += tempo * ticks;
    tick_ += ticks;
  }

  MidiBeats& out_;
  std::int64_t tick_ = 0, now_ = 0;  // what is written so far
};

}  // namespace

std::int64_t MidiBeats::tick_of(int step) const {
  const int beat = beat_of_step(step) - first_beat;
  const auto index = static_cast<std::size_t>(std::clamp(beat, 0, static_cast<int>(ticks.size()) - 2));
  const std::int64_t within = step - static_cast<std::int64_t>(first_beat + static_cast<int>(index)) * kStepsPerBeat;
  const std::int64_t length = ticks[index + 1] - ticks[index];
  if (!swing.swings()) return std::max<std::int64_t>(0, ticks[index] + within * length / kStepsPerBeat);
  const double share = played_beat(static_cast<int>(within), swing);
  return std::max<std::int64_t>(0, ticks[index] + std::llround(share * static_cast<double>(length)));
}

int MidiBeats::denominator_power() const {
  int power = kQuarterPower;
  for (int length = unit; length < kMidiTicksPerQuarter; length *= 2) ++power;
  for (int length = unit; length > kMidiTicksPerQuarter; length /= 2) --power;
  return power;
}

int midi_beat_unit(const BeatGrid& grid) {
  constexpr std::size_t kFewIn = 20;  // one in so many beats may be too short: what is left over at a cut
  std::vector<double> intervals;
  for (std::size_t i = 1; i < grid.times.size(); ++i) intervals.push_back(grid.times[i] - grid.times[i - 1]);
  const auto few = intervals.begin() + static_cast<std::ptrdiff_t>(intervals.size() / kFewIn);
  std::nth_element(intervals.begin(), few, intervals.end());
  int unit = kMidiTicksPerQuarter;
  const auto quarter = [&](double beat) { return beat * 1e6 * kMidiTicksPerQuarter / unit; };
  while (quarter(*few) < static_cast<double>(kFastestQuarter) && unit > kShortestUnit) unit /= 2;
  const double middle = grid.median_interval();
  while (quarter(middle) > static_cast<double>(kSlowestQuarter) && unit < kLongestUnit) unit *= 2;
  return unit;
}

bool shares_its_beat(double before, double beat, int unit) {
  return std::llround(beat * 1e6) - std::llround(before * 1e6) < shortest_beat(unit);
}

MidiBeats beats_at_their_time(const BeatGrid& grid, int last_step) {
  MidiBeats out;
  out.unit = midi_beat_unit(grid);
  const BeatTimes beats = beat_times(grid, last_step, out.unit);
  out.first_beat = beats.first_beat;
  BeatWriter(out).write(beats.seconds);
  return out;
}

MidiBeats beats_at_one_tempo(const BeatGrid& grid, int first_beat, int beats) {
  MidiBeats out{.first_beat = first_beat, .unit = midi_beat_unit(grid), .ticks = {}, .tempos = {}};
  for (int i = 0; i <= std::max(1, beats); ++i) out.ticks.push_back(static_cast<std::int64_t>(i) * out.unit);
  const double per_minute = std::max(1.0, std::round(grid.tempo()));
  const std::int64_t quarter = std::llround(60e6 / per_minute * kMidiTicksPerQuarter / out.unit);
  out.tempos.emplace_back(0, static_cast<std::uint32_t>(std::clamp(quarter, kFastestQuarter, kSlowestQuarter)));
  return out;
}

}  // namespace pop2piano
