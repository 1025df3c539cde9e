// SPDX-License-Identifier: MIT
#include "sound/render/stretches.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>

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

/// Chooses, stretch by stretch, the chord before which the keys that are down are let go soonest.
std::vector<std::int64_t> cut(const Music& music) {
  std::vector<std::int64_t> starts{0};
  const Releases releases(music.events);
  const std::int64_t shortest = music.frames_in(kShortest), longest = music.frames_in(kLongest);
  std::int64_t held_until = 0, best_hang = music.frames_in(kLongestHang);
  std::optional<std::int64_t> best;
  for (std::size_t i = 0; i < music.events.size(); ++i) {
    if (kind_of(music.events[i].event) != Kind::key_down) continue;
    const std::int64_t start = music.events[i].frame / kSynthBlock * kSynthBlock;
    if (best && start > starts.back() + longest) {
      starts.push_back(*best);
      best.reset();
      best_hang = music.frames_in(kLongestHang);
    }
    const std::int64_t hang = std::max<std::int64_t>(0, held_until == Releases::kNever ? best_hang : held_until - start);
    if (start >= starts.back() + shortest && start + shortest <= music.end && hang < best_hang) {
      best = start;
      best_hang = hang;
    }
    // Keys of the same chord are struck together: they count once the chord is over.
    if (i + 1 == music.events.size() || music.events[i + 1].frame / kSynthBlock * kSynthBlock != start ||
        kind_of(music.events[i + 1].event) != Kind::key_down) {
      for (std::size_t j = i + 1; j-- > 0 && music.events[j].frame / kSynthBlock * kSynthBlock == start;) {
        if (kind_of(music.events[j].event) == Kind::key_down) held_until = std::max(held_until, releases.of(j));
      }
    }
  }
  if (best) starts.push_back(*best);
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
