// SPDX-License-Identifier: MIT
#include "learning/performances/performance.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "music/score/clean_notes.h"

namespace pop2piano {
namespace {

constexpr double kLeastApart = 0.05;   // seconds between two strikes of a key
constexpr double kKeyUp = 0.02;        // before it is struck again
constexpr double kShortest = 0.04;     // that a key is down
constexpr double kTogether = 0.03;     // onsets of a chord
constexpr double kWidestTouch = 16.0;  // deviation of the score's velocities: more would hide notes behind others
constexpr double kLeastVelocity = 18.0, kMostVelocity = 124.0;

// How long a string sounds that is not damped.
double ringing_seconds(int pitch) { return std::clamp(12.0 * std::exp2((48.0 - pitch) / 14.0), 0.6, 15.0); }

// What a player does all the way.
struct Player {
  double tempo = 1.0;  // factor on times
  int transposition = 0;
  double loudness = 70.0, contrast = 1.0, unevenness = 5.0;     // velocities
  double swell = 0.0, swell_seconds = 10.0, swell_phase = 0.0;  // slow changes of loudness
  double chord_jitter = 0.008, note_jitter = 0.005;             // seconds
  double roll_chance = 0.1, roll_seconds = 0.03;                // from note to note
  double articulation = 0.95;                                   // share of the written duration
};

Player draw_player(Random& random) {
  Player p;
  p.tempo = random.uniform(0.75, 1.3);
  p.transposition = static_cast<int>(random.index(12)) - 5;
  p.loudness = random.uniform(45.0, 95.0);
  p.contrast = random.uniform(0.6, 1.6);
  p.unevenness = random.uniform(2.0, 10.0);
  p.swell = random.uniform(0.0, 18.0);
  p.swell_seconds = random.uniform(4.0, 20.0);
  p.swell_phase = random.uniform(0.0, 6.28);
  p.chord_jitter = random.uniform(0.0, 0.015);
  p.note_jitter = random.uniform(0.0, 0.008);
  p.roll_chance = random.chance(0.4) ? random.uniform(0.05, 0.5) : 0.0;
  p.roll_seconds = random.uniform(0.015, 0.06);
  p.articulation = random.uniform(0.5, 1.05);
  return p;
}

int on_keyboard(int pitch) {
  while (pitch < kLowestPianoPitch) pitch += 12;
  while (pitch > kHighestPianoPitch) pitch -= 12;
  return pitch;
}

struct Touch {
  double mean = 0.0, deviation = 0.0;
};
Touch touch_of(std::span<const PlayedNote> notes) {
  double sum = 0.0, squares = 0.0;
  for (const PlayedNote& note : notes) {
    sum += note.velocity;
    squares += static_cast<double>(note.velocity) * note.velocity;
  }
  const double count = std::max<double>(1.0, static_cast<double>(notes.size())), mean = sum / count;
  return {mean, std::sqrt(std::max(0.0, squares / count - mean * mean))};
}

// The notes of a stretch that begins somewhere in the score, in score time from its start.
std::vector<PlayedNote> stretch_of(std::span<const PlayedNote> all, double seconds, Random& random) {
  std::vector<PlayedNote> notes = sorted_by_onset(all);
  if (notes.empty()) return notes;
  const double last = notes.back().onset, spare = last - notes.front().onset - seconds;
  const double start = notes.front().onset + (spare > 0.0 ? random.uniform(0.0, spare) : 0.0);
  std::erase_if(notes, [&](const PlayedNote& note) { return note.onset < start || note.onset >= start + seconds; });
  for (PlayedNote& note : notes) {
    note.onset -= start;
    note.offset = std::min(note.offset - start, seconds);
  }
  return notes;
}

PerformedNote play(const PlayedNote& note, const Player& p, double mean, double late, Random& random) {
  PerformedNote played;
  played.onset = std::max(0.0, note.onset * p.tempo + late + p.note_jitter * random.normal());
  const double share = p.articulation + 0.1 * random.normal();
  played.release = played.onset + std::max(kShortest, (note.offset - note.onset) * p.tempo * share);
  played.pitch = on_keyboard(static_cast<int>(std::lround(note.pitch)) + p.transposition);
  const double swell = p.swell * std::sin(6.2832 * played.onset / p.swell_seconds + p.swell_phase);
  const double velocity = p.loudness + p.contrast * (note.velocity - mean) + swell + p.unevenness * random.normal();
  played.velocity = static_cast<int>(std::clamp(std::round(velocity), kLeastVelocity, kMostVelocity));
  return played;
}

}  // namespace

std::vector<PerformedPedal> draw_pedal(std::span<const PerformedNote> notes, double seconds, Random& random) {
  std::vector<double> changes;
  const double kind = random.uniform();
  if (kind < 0.2) return {};
  if (kind < 0.4) {
    const double apart = random.uniform(0.8, 2.4);
    for (double at = random.uniform(0.0, apart); at < seconds; at += apart) changes.push_back(at);
  } else {
    int bass = -1;
    for (std::size_t i = 0; i < notes.size(); ++i) {
      const PerformedNote& note = notes[i];
      if (note.pitch >= 60 || note.pitch % 12 == bass) continue;
      const bool lowest = std::none_of(notes.begin(), notes.end(), [&](const PerformedNote& other) {
        return std::abs(other.onset - note.onset) < kTogether && other.pitch < note.pitch;
      });
      if (!lowest || (!changes.empty() && note.onset - changes.back() < 0.35)) continue;
      bass = note.pitch % 12;
      changes.push_back(note.onset);
    }
  }
  std::vector<PerformedPedal> pedal;
  double down = random.uniform(0.0, 1.0);
  for (const double change : changes) {
    const double up = change + random.uniform(-0.02, 0.08);
    if (up - down > 0.05) pedal.push_back({down, up});
    down = std::max(down, up + (random.chance(0.1) ? random.uniform(0.5, 2.0) : random.uniform(0.06, 0.25)));
  }
  if (down < seconds) pedal.push_back({down, seconds});
  return pedal;
}

void finish_performance(PianoPerformance& performance) {
  auto& notes = performance.notes;
  std::ranges::sort(notes, [](const PerformedNote& a, const PerformedNote& b) {
    return a.onset != b.onset ? a.onset < b.onset : a.pitch < b.pitch;
  });
  std::array<double, 128> struck;
  struck.fill(-1.0);
  std::erase_if(notes, [&](const PerformedNote& note) {
    double& last = struck[static_cast<std::size_t>(note.pitch)];
    if (last >= 0.0 && note.onset - last < kLeastApart) return true;
    last = note.onset;
    return false;
  });
  std::array<double, 128> next;
  next.fill(1e9);
  for (auto note = notes.rbegin(); note != notes.rend(); ++note) {
    double& again = next[static_cast<std::size_t>(note->pitch)];
    note->release = std::min(note->release, again - kKeyUp);
    note->end = note->release;
    for (const PerformedPedal& span : performance.pedal) {
      if (span.down <= note->release && note->release < span.up) note->end = span.up;
    }
    note->end = std::min({note->end, again, note->onset + ringing_seconds(note->pitch)});
    again = note->onset;
  }
}

PianoPerformance perform(std::span<const PlayedNote> notes, double seconds, Random random) {
  Player player = draw_player(random);
  const std::vector<PlayedNote> stretch = stretch_of(notes, seconds / player.tempo, random);
  const auto [mean, deviation] = touch_of(stretch);
  player.contrast = std::min(player.contrast, kWidestTouch / std::max(1.0, deviation));
  PianoPerformance performance;
  for (std::size_t i = 0; i < stretch.size();) {
    std::size_t last = i + 1;
    while (last < stretch.size() && stretch[last].onset - stretch[i].onset < kTogether) ++last;
    double late = player.chord_jitter * random.normal();
    const double roll = last - i >= 3 && random.chance(player.roll_chance) ? player.roll_seconds : 0.0;
    for (; i < last; ++i, late += roll) performance.notes.push_back(play(stretch[i], player, mean, late, random));
  }
  std::ranges::sort(performance.notes, {}, &PerformedNote::onset);
  performance.pedal = draw_pedal(performance.notes, seconds, random);
  finish_performance(performance);
  return performance;
}

}  // namespace pop2piano
