// SPDX-License-Identifier: MIT
#include "drawn_cover.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace pop2piano::bench {
namespace {

constexpr int kSteps = 12;  // of a beat

// Seconds in the recording.
double time_of(const SongDescription& song, double beat) {
  const auto last = song.beat_times.size() - 2;
  const auto k = std::min(last, static_cast<std::size_t>(std::max(beat, 0.0)));
  const double share = beat - static_cast<double>(k);
  return song.beat_times[k] + share * (song.beat_times[k + 1] - song.beat_times[k]);
}

std::vector<std::size_t> first_beats(const SongDescription& song) {
  std::vector<std::size_t> bars;
  for (std::size_t k = 0; k + 1 < song.beat_times.size(); ++k) {
    if (song.beat_numbers[k] == 1) bars.push_back(k);
  }
  return bars;
}

// Beats of the song [first, last) in the order of the cover.
using Stretches = std::vector<std::pair<std::size_t, std::size_t>>;

Stretches draw_stretches(const SongDescription& song, bool cut, Random& random) {
  const std::vector<std::size_t> bars = first_beats(song);
  const std::size_t end = song.beat_times.size() - 1;
  if (!cut || bars.size() < 48) return {{0, end}};
  const std::size_t length = 8 + random.index(25);
  const std::size_t first = 8 + random.index(bars.size() - length - 16);
  const std::size_t begin = bars[first], after = bars[first + length];
  if (random.chance(0.5)) return {{0, begin}, {after, end}};
  return {{0, after}, {begin, end}};
}

// Seconds in the cover from seconds in its own untouched time: slow waves of tempo.
class TempoCurve {
 public:
  TempoCurve(double seconds, Random& random) {
    constexpr double kStep = 0.1;
    const double depth = random.uniform(0.0, 0.15), waves = random.uniform(1.0, 6.0);
    const double phase = random.uniform(0.0, 2.0 * std::numbers::pi), steady = random.uniform(-0.08, 0.08);
    times_.push_back(random.uniform(0.0, 3.0));
    for (double t = 0.0; t < seconds + 1.0; t += kStep) {
      const double wave = std::sin(phase + 2.0 * std::numbers::pi * waves * t / seconds);
      times_.push_back(times_.back() + kStep * (1.0 + std::clamp(steady + depth * wave, -0.15, 0.15)));
    }
  }
  [[nodiscard]] double at(double seconds) const {
    const double place = seconds * 10.0;
    const auto k = std::min(times_.size() - 2, static_cast<std::size_t>(std::max(place, 0.0)));
    return times_[k] + (place - static_cast<double>(k)) * (times_[k + 1] - times_[k]);
  }

 private:
  std::vector<double> times_;
};

// Without those before the bar of the first note and those behind the last tone, in which there is nothing to be found.
void keep_sounding_bars(DrawnCover& cover, const std::vector<std::pair<PlayedNote, double>>& notes) {
  double first = cover.bars.empty() ? 0.0 : cover.bars.back(), last = 0.0;
  for (const auto& [note, time] : notes) first = std::min(first, note.onset), last = std::max(last, note.offset);
  while (!cover.bars.empty() && cover.bars.back() >= last) cover.bars.pop_back();
  cover.song_bars.resize(cover.bars.size());
  std::ptrdiff_t silent = 0;
  while (silent + 1 < std::ssize(cover.bars) && cover.bars[static_cast<std::size_t>(silent + 1)] <= first) ++silent;
  cover.bars.erase(cover.bars.begin(), cover.bars.begin() + silent);
  cover.song_bars.erase(cover.song_bars.begin(), cover.song_bars.begin() + silent);
}

}  // namespace

DrawnCover draw_cover(const SongDescription& song, Random random) {
  DrawnCover cover;
  if (random.index(3) == 0) cover.transposition = static_cast<int>(random.index(12)) - 5;
  cover.cut = random.index(3) == 0;
  cover.rubato = random.index(10) == 0;
  const Stretches stretches = draw_stretches(song, cover.cut, random);
  double length = 0.0;
  for (const auto& [first, last] : stretches) length += song.beat_times[last] - song.beat_times[first];
  const TempoCurve curve(length, random);
  std::vector<std::pair<PlayedNote, double>> notes;
  double begin = 0.0;  // of the stretch, in the cover's untouched time
  for (const auto& [first, last] : stretches) {
    std::vector<double> early(last - first + 1, 0.0);  // of each beat, seconds
    for (std::size_t k = 1; cover.rubato && k < early.size(); ++k) {
      early[k] = std::clamp(0.7 * early[k - 1] + 0.02 * random.normal(), -0.04, 0.04);
    }
    const auto cover_time = [&](double beat) {
      const double inside = std::clamp(beat - static_cast<double>(first), 0.0, static_cast<double>(early.size() - 1));
      const auto k = std::min(early.size() - 2, static_cast<std::size_t>(inside));
      const double share = inside - static_cast<double>(k);
      return curve.at(begin + time_of(song, beat) - song.beat_times[first]) + early[k] +
             share * (early[k + 1] - early[k]);
    };
    for (const RecordNote& note : song.notes) {
      const double on = static_cast<double>(note.onset) / kSteps,
                   off = on + static_cast<double>(note.duration) / kSteps;
      if (on < static_cast<double>(first) || on >= static_cast<double>(last)) continue;
      notes.push_back({{cover_time(on), std::max(cover_time(off), cover_time(on) + 0.05),
                        static_cast<double>(note.pitch - cover.transposition), note.velocity},
                       time_of(song, on)});
    }
    for (std::size_t k = first; k < last; ++k) {
      if (song.beat_numbers[k] != 1) continue;
      cover.bars.push_back(cover_time(static_cast<double>(k)));
      cover.song_bars.push_back(song.beat_times[k]);
    }
    begin += song.beat_times[last] - song.beat_times[first];
  }
  keep_sounding_bars(cover, notes);
  std::ranges::stable_sort(notes, {}, [](const auto& entry) { return entry.first.onset; });
  for (const auto& [note, time] : notes) {
    cover.notes.push_back(note);
    cover.song_times.push_back(time);
  }
  return cover;
}

}  // namespace pop2piano::bench
