// SPDX-License-Identifier: MIT
#include "sound/render/stretches.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace pop2piano {
namespace {

constexpr double kMaxSeconds = 24.0 * 3600.0;
constexpr double kShortest = 12.0, kLongest = 36.0;  // seconds of a stretch; two are played for a while at each border
constexpr double kLongestHang = 4.0;                 // seconds that keys may stay down across a border
constexpr double kLongestPeriod = 64.0;              // seconds of silence that a stretch may begin with: 50 ms of work
constexpr std::int64_t kReverbUpdate = 50;           // frames between two steps of its modulation, which lasts a second

enum class Kind : std::uint8_t { key_down, key_up, all_up, pedal_down, pedal_up, link, other };

// Links: a note begins where the one before was (portamento, legato, one voice at a time).
Kind kind_of_controller(int number, int value) {
  switch (number) {
    case 64:
    case 66:
      return value >= 64 ? Kind::pedal_down : Kind::pedal_up;
    case 65:
    case 68:
      return value >= 64 ? Kind::link : Kind::other;
    case 84:
    case 126:
      return Kind::link;
    case 120:
    case 123:
    case 124:
    case 125:
    case 127:
      return Kind::all_up;
    default:
      return Kind::other;
  }
}

Kind kind_of(const TimedEvent& event) {
  const int first = event.data1 & 0x7F, second = event.data2 & 0x7F;
  switch (event.status & 0xF0) {
    case 0x80:
      return Kind::key_up;
    case 0x90:
      return second == 0 ? Kind::key_up : Kind::key_down;
    case 0xB0:
      return kind_of_controller(first, second);
    default:
      return Kind::other;
  }
}

/// When what a key has struck is let go: the frame of the release for each key-down, in the order of the events.
class Releases {
 public:
  explicit Releases(std::span<const FramedEvent> events) : at_(events.size(), kNever) {
    for (std::size_t i = 0; i < events.size(); ++i) take(events[i], i);
  }
  /// kNever for events that are no key-down and for keys that stay down.
  [[nodiscard]] std::int64_t of(std::size_t event) const { return at_[event]; }
  static constexpr std::int64_t kNever = INT64_MAX;

 private:
  struct Channel {
    std::array<std::vector<std::size_t>, 128> down;  // [keys] key-downs that wait for their key-up
    std::vector<std::size_t> held;                   // by the pedal
    bool pedal = false;
  };

  void let_go(std::vector<std::size_t>& notes, std::int64_t frame) {
    for (const std::size_t note : notes) at_[note] = frame;
    notes.clear();
  }

  void take(const FramedEvent& framed, std::size_t index) {
    Channel& channel = channels_[framed.event.status & 0x0F];
    auto& key = channel.down[framed.event.data1 & 0x7F];
    switch (kind_of(framed.event)) {
      case Kind::key_down:
        key.push_back(index);
        break;
      case Kind::key_up:
        if (!channel.pedal) return let_go(key, framed.frame);
        channel.held.insert(channel.held.end(), key.begin(), key.end());
        key.clear();
        break;
      case Kind::all_up:
        for (auto& notes : channel.down) let_go(notes, framed.frame);
        let_go(channel.held, framed.frame);
        break;
      case Kind::pedal_down:
        channel.pedal = true;
        break;
      case Kind::pedal_up:
        channel.pedal = false;
        let_go(channel.held, framed.frame);
        break;
      default:
        break;
    }
  }

  std::array<Channel, 16> channels_;
  std::vector<std::int64_t> at_;  // [events]
};

/// Where a chord begins, and for how many frames keys that were struck before it stay down.
struct Place {
  std::int64_t start = 0, hang = 0;
};

std::vector<Place> places_of(const Music& music) {
  const Releases releases(music.events);
  std::vector<Place> places;
  std::int64_t held = 0, chord_held = 0;
  for (std::size_t i = 0; i < music.events.size(); ++i) {
    if (kind_of(music.events[i].event) != Kind::key_down) continue;
    const std::int64_t start = music.events[i].frame / kSynthBlock * kSynthBlock;
    if (places.empty() || places.back().start != start) {
      held = std::max(held, std::exchange(chord_held, 0));
      places.push_back({start, std::max<std::int64_t>(held - start, 0)});
    }
    chord_held = std::max(chord_held, releases.of(i));
  }
  return places;
}

/// Stretch by stretch, the chord before which the keys that are down are let go soonest.
std::vector<std::int64_t> cut(const Music& music) {
  const std::int64_t shortest = music.frames_in(kShortest), longest = music.frames_in(kLongest);
  const std::vector<Place> places = places_of(music);
  const Place none{.start = 0, .hang = music.frames_in(kLongestHang)};
  std::vector<std::int64_t> starts{0};
  Place best = none;
  std::size_t best_index = 0;
  for (std::size_t i = 0; i <= places.size(); ++i) {
    const bool over = i == places.size() || places[i].start > starts.back() + longest;
    if (over && best.start > 0) {
      starts.push_back(best.start);
      i = best_index;
      best = none;
      continue;
    }
    if (i == places.size()) break;
    const bool possible = places[i].start >= starts.back() + shortest && places[i].start + shortest <= music.end;
    if (possible && places[i].hang < best.hang) {
      best = places[i];
      best_index = i;
    }
  }
  return starts;
}

bool can_be_cut(const Music& music) {
  if (reverb_period(music.sample_rate) > music.frames_in(kLongestPeriod)) return false;
  return std::none_of(music.events.begin(), music.events.end(),
                      [](const FramedEvent& e) { return kind_of(e.event) == Kind::link; });
}

}  // namespace

std::vector<TimedEvent> in_order(std::span<const TimedEvent> events) {
  std::vector<TimedEvent> sorted(events.begin(), events.end());
  for (const TimedEvent& event : sorted) {
    if (!std::isfinite(event.seconds)) throw Error(ErrorCode::invalid_argument, "render: an event has no finite time");
    if (event.seconds > kMaxSeconds) throw Error(ErrorCode::unsupported, "render: the music is longer than 24 hours");
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const TimedEvent& a, const TimedEvent& b) {
    if (a.seconds != b.seconds) return a.seconds < b.seconds;
    return kind_of(a) == Kind::key_up && kind_of(b) != Kind::key_up;
  });
  return sorted;
}

std::int64_t Music::frames_in(double seconds) const { return std::llround(std::max(seconds, 0.0) * sample_rate); }

std::int64_t reverb_period(int sample_rate) {
  return std::lcm(std::lcm(kSynthBlock, kReverbUpdate), static_cast<std::int64_t>(sample_rate));
}

Music music_of(std::span<const TimedEvent> events, double least_seconds, int sample_rate, Cutting cutting) {
  Music music{.sample_rate = sample_rate};
  for (const TimedEvent& event : in_order(events)) music.events.push_back({music.frames_in(event.seconds), event});
  const std::int64_t last = music.events.empty() ? 0 : music.events.back().frame;
  music.end = std::max(last, music.frames_in(std::min(least_seconds, kMaxSeconds)));
  music.starts = cutting == Cutting::none || !can_be_cut(music) ? std::vector<std::int64_t>{0} : cut(music);
  return music;
}

}  // namespace pop2piano
