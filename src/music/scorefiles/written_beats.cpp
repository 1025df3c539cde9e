// SPDX-License-Identifier: MIT
#include "music/scorefiles/written_beats.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "music/score/bars.h"
#include "music/score/metre.h"
#include "music/score/swing.h"

namespace pop2piano {
namespace {

constexpr std::size_t kMaxBeats = 1'000'000;

/// A time signature and where it begins, in 64th notes.
struct Change {
  std::int64_t place = 0;
  Metre metre;
};

/// Places that are not on a 64th note are meant to be on a quarter.
std::int64_t place_of(double quarter) {
  constexpr double kOff = 0.02;  // quarters
  const double place = quarter * kQuarterLength;
  const double nearest = std::round(place);
  return std::abs(place - nearest) < kOff * kQuarterLength ? std::llround(place)
                                                           : kQuarterLength * std::llround(quarter);
}

std::vector<Change> changes_of(const MidiFile& file) {
  std::vector<Change> changes;
  for (const MidiTrack& track : file.tracks) {
    for (const MidiEvent& event : track.events) {
      if (!event.is_meta(midi_meta::kTimeSignature) || event.payload.size() < 2) continue;
      const int power = static_cast<unsigned char>(event.payload[1]);
      const Metre metre{static_cast<unsigned char>(event.payload[0]), power > 6 ? 0 : 1 << power};
      if (!is_metre(metre.numerator, metre.denominator)) continue;
      changes.push_back({place_of(static_cast<double>(event.tick) / file.ticks_per_quarter), metre});
    }
  }
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.place < b.place; });
  return changes;
}

/// Bars up to `end` (64th notes); a change within a bar ends it.
std::vector<PlannedBar> bars_of(const std::vector<Change>& changes, std::int64_t end, const std::string& what) {
  std::vector<PlannedBar> bars;
  Metre metre;
  std::int64_t place = 0;
  std::size_t next = 0;
  while (place < end) {
    while (next < changes.size() && changes[next].place <= place) metre = changes[next++].metre;
    const std::int64_t border = next < changes.size() ? changes[next].place : std::numeric_limits<std::int64_t>::max();
    const auto length = static_cast<int>(std::min<std::int64_t>(metre.length(), border - place));
    bars.push_back({metre, length});
    place += length;
    if (bars.size() > kMaxBeats) {
      throw Error(ErrorCode::unsupported, what + ": expected at most a million bars, found more; split the file");
    }
  }
  const bool pickup = bars.size() > 1 && bars[0].length == bars[0].metre.length() && bars[1].metre != bars[0].metre &&
                      bars[0].length < bars[1].metre.length();
  if (pickup) bars[0].metre = bars[1].metre;
  return bars;
}

MidiFile tempo_file(const std::vector<std::pair<std::int64_t, std::uint32_t>>& tempos) {
  MidiFile file;
  file.ticks_per_quarter = kMidiTicksPerQuarter;
  file.tracks.emplace_back();
  for (const auto& [tick, tempo] : tempos) file.tracks[0].events.push_back(midi_tempo(tick, tempo));
  return file;
}

/// Of a quarter that lasts so many seconds.
std::uint32_t tempo_of(double seconds) {
  return static_cast<std::uint32_t>(std::clamp(std::round(1e6 * seconds), 1.0, double{0xFFFFFF}));
}

/// Tempos one after the other, each of which makes up for the rounding of those before.
class TempoCarrier {
 public:
  explicit TempoCarrier(double seconds) : now_(seconds) {}

  void keep(const std::pair<std::int64_t, std::uint32_t>& tempo) { tempos_.push_back(tempo); }
  /// From `tick` on, so that `width` ticks later it is `seconds`.
  void reach(std::int64_t tick, std::int64_t width, double seconds) {
    const double quarters = static_cast<double>(width) / kMidiTicksPerQuarter;
    const std::uint32_t tempo = tempo_of((seconds - now_) / quarters);
    if (tempos_.empty() || tempos_.back().second != tempo) tempos_.emplace_back(tick, tempo);
    now_ += tempo * 1e-6 * quarters;
  }
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::uint32_t>> take() { return std::move(tempos_); }

 private:
  std::vector<std::pair<std::int64_t, std::uint32_t>> tempos_;
  double now_;
};

}  // namespace

void stretch_to_lengths(const BeatGrid& grid, MidiBeats& beats) {
  const MidiTempoMap map(tempo_file(beats.tempos));
  std::vector<std::int64_t> stretched = {beats.ticks.front()};
  TempoCarrier tempos(map.seconds_at(static_cast<double>(stretched.front())));
  std::size_t next = 0;
  for (; next < beats.tempos.size() && beats.tempos[next].first < stretched.front(); ++next) {
    tempos.keep(beats.tempos[next]);
  }
  for (std::size_t i = 0; i + 1 < beats.ticks.size(); ++i) {
    const std::int64_t length = std::int64_t{kTicksPer64th} * beat_length(grid, beats.first_beat + static_cast<int>(i));
    std::int64_t from = beats.ticks[i], at = stretched.back();
    while (next < beats.tempos.size() && beats.tempos[next].first <= from) ++next;
    while (from < beats.ticks[i + 1]) {  // up to the next tempo of the beat
      const bool changes = next < beats.tempos.size() && beats.tempos[next].first < beats.ticks[i + 1];
      const std::int64_t to = changes ? beats.tempos[next++].first : beats.ticks[i + 1];
      const std::int64_t width = std::max<std::int64_t>(1, (to - from) * length / beats.unit);
      tempos.reach(at, width, map.seconds_at(static_cast<double>(to)));
      at += width;
      from = to;
    }
    stretched.push_back(at);
  }
  beats.ticks = std::move(stretched);
  beats.tempos = tempos.take();
  beats.unit = kTicksPer64th;
}

void take_one_tempo(const BeatGrid& grid, MidiBeats& beats) {
  std::int64_t tick = 0;
  for (std::size_t i = 0; i < beats.ticks.size(); ++i) {
    beats.ticks[i] = tick;
    tick += std::int64_t{kTicksPer64th} * beat_length(grid, beats.first_beat + static_cast<int>(i));
  }
  const double usual = static_cast<double>(usual_beat_length(grid)) / kQuarterLength;  // quarters
  const double per_minute = std::max(1.0, std::round(quarters_per_minute(grid) / usual));
  beats.tempos = {{0, tempo_of(60.0 / (per_minute * usual))}};
  beats.unit = kTicksPer64th;
}

std::int64_t fine_tick(const BeatGrid& grid, const MidiBeats& beats, int step) {
  const double beat = played_place(grid.beat_of(step), beats.swing) - beats.first_beat;
  if (beat < 0.0) return 0;
  const auto index = std::min(static_cast<std::size_t>(beat), beats.ticks.size() - 2);
  const auto width = static_cast<double>(beats.ticks[index + 1] - beats.ticks[index]);
  return beats.ticks[index] + std::llround((beat - static_cast<double>(index)) * width);
}

std::vector<MidiEvent> written_metres(const BeatGrid& grid, const MidiBeats& beats) {
  std::vector<MidiEvent> events;
  const int last_beat = beats.first_beat + static_cast<int>(beats.ticks.size()) - 1;
  Metre current{0, 0};
  for (const Bar& bar : bars_between(grid, beats.first_beat, last_beat)) {
    if (bar.first_beat + 1 >= static_cast<int>(grid.size()) && !events.empty()) break;  // behind the last bar
    const Metre metre = metre_of(grid, bar);
    const int length = written_length(grid, bar);
    const Metre here = length == metre.length() ? metre : metre_of_length(length, metre.denominator);
    if (here == current) continue;
    int power = 0;
    while (1 << power < here.denominator) ++power;
    const std::int64_t tick =
        events.empty() ? 0 : beats.ticks[static_cast<std::size_t>(bar.first_beat - beats.first_beat)];
    events.push_back(midi_time_signature(tick, here.numerator, power));
    current = here;
  }
  return events;
}

std::optional<BeatGrid> beats_by_signatures(const MidiFile& file, double seconds_end, const std::string& what) {
  if (file.ticks_per_quarter <= 0) return std::nullopt;
  const std::vector<Change> changes = changes_of(file);
  const bool quarters = std::all_of(changes.begin(), changes.end(), [](const Change& change) {
    return change.metre.denominator == 4 && change.place % kQuarterLength == 0;
  });
  if (quarters) return std::nullopt;
  const MidiTempoMap map(file);
  const double end = map.tick_at(seconds_end) / file.ticks_per_quarter * kQuarterLength;
  if (!(end < static_cast<double>(kMaxBeats) * kQuarterLength)) {
    throw Error(ErrorCode::unsupported, what + ": longer than a million quarter notes");
  }
  BeatGrid grid = beats_of_bars(bars_of(changes, std::max<std::int64_t>(1, std::llround(std::ceil(end - 0.5))), what));
  if (grid.numbers.size() > kMaxBeats) {
    throw Error(ErrorCode::unsupported, what + ": expected at most a million beats, found more; split the file");
  }
  grid.times.resize(grid.numbers.size());
  const std::vector<int> starts = beat_starts(grid);
  for (std::size_t i = 0; i < grid.times.size(); ++i) {
    const double time = map.seconds_at(static_cast<double>(starts[i]) / kQuarterLength * file.ticks_per_quarter);
    grid.times[i] = i == 0 ? time : std::max(time, std::nextafter(grid.times[i - 1], 1e300));
  }
  return grid;
}

}  // namespace pop2piano
