// SPDX-License-Identifier: MIT
#include "writing/writer/draft_choice.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace pop2piano {
namespace {

constexpr int kMiddleC = 60;
constexpr int kStepsOfSixteenth = kStepsPerBeat / 4;
constexpr std::size_t kLeastDistance = 4;  // bars; nearer ones are alike because a figure goes on

struct Bar {
  std::uint64_t onsets = 0;            // bit: 16th of the bar
  std::vector<BeatChord> chords = {};  // of its beats
};

// Whole bars; what lies before the first downbeat belongs to none.
std::vector<Bar> bars_of(const WriterSong& song, std::span<const Note> text) {
  std::vector<int> bar_of_beat, beat_of_bar;
  std::vector<Bar> bars;
  for (int b = 0; b < song.beats(); ++b) {
    const auto beat = static_cast<std::size_t>(b);
    if (song.beat_numbers[beat] == 1) {
      bars.emplace_back();
      beat_of_bar.push_back(b);
    }
    bar_of_beat.push_back(static_cast<int>(bars.size()) - 1);
    if (!bars.empty()) bars.back().chords.push_back(song.chords[beat]);
  }
  for (const Note& note : text) {
    const int beat = floor_divide(note.onset, kStepsPerBeat);
    if (note.pitch >= kMiddleC || beat < 0 || beat >= song.beats()) continue;
    const int bar = bar_of_beat[static_cast<std::size_t>(beat)];
    if (bar < 0) continue;
    const int step = note.onset - beat_of_bar[static_cast<std::size_t>(bar)] * kStepsPerBeat;
    bars[static_cast<std::size_t>(bar)].onsets |= std::uint64_t{1} << std::min(63, step / kStepsOfSixteenth);
  }
  std::erase_if(bars, [](const Bar& bar) { return bar.onsets == 0; });
  return bars;
}

double likeness(const Bar& a, const Bar& b) {
  return static_cast<double>(std::popcount(a.onsets & b.onsets)) / std::popcount(a.onsets | b.onsets);
}

}  // namespace

double returning_likeness(const WriterSong& song, std::span<const Note> text) {
  const std::vector<Bar> bars = bars_of(song, text);
  double same = 0.0, all = 0.0;
  std::size_t same_count = 0, count = 0;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    for (std::size_t j = i + kLeastDistance; j < bars.size(); ++j) {
      const double alike = likeness(bars[i], bars[j]);
      all += alike;
      ++count;
      if (bars[i].chords != bars[j].chords) continue;
      same += alike;
      ++same_count;
    }
  }
  if (same_count == 0) return 0.0;
  return same / static_cast<double>(same_count) - all / static_cast<double>(count);
}

std::size_t clearest_draft(const WriterSong& song, std::span<const std::vector<Note>> drafts) {
  std::size_t best = 0;
  double most = -2.0;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const double value = returning_likeness(song, drafts[i]);
    if (value > most) {
      most = value;
      best = i;
    }
  }
  return best;
}

}  // namespace pop2piano
