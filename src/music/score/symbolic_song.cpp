// SPDX-License-Identifier: MIT
#include "music/score/symbolic_song.h"

#include <algorithm>

namespace pop2piano {
namespace {

void map_notes(std::vector<SymbolicNote>& notes, const BeatGrid& from, const BeatGrid& to) {
  for (SymbolicNote& note : notes) {
    note.onset = to.beat_at(from.time_at(note.onset));
    note.offset = to.beat_at(from.time_at(note.offset));
  }
}

std::uint16_t rotated(std::uint16_t pitch_classes, int semitones) {
  const unsigned shift = static_cast<unsigned>((semitones % 12 + 12) % 12);
  const unsigned twice = static_cast<unsigned>(pitch_classes) | static_cast<unsigned>(pitch_classes) << 12;
  return static_cast<std::uint16_t>((twice >> (12 - shift)) & 0xFFFU);
}

bool is_regular(const BeatGrid& grid) {
  for (std::size_t i = 1; i < grid.size(); ++i) {
    if (grid.numbers[i] != grid.numbers[i - 1] % 4 + 1) return false;
  }
  return grid.beats_per_bar == 4;
}

}  // namespace

SymbolicSong on_grid(const SymbolicSong& song, BeatGrid grid) {
  SymbolicSong result = song;
  result.grid = std::move(grid);
  for (auto* notes : {&result.melody, &result.bridge, &result.piano}) map_notes(*notes, song.grid, result.grid);
  for (SongChord& chord : result.chords) {
    chord.start = result.grid.beat_at(song.grid.time_at(chord.start));
    chord.end = result.grid.beat_at(song.grid.time_at(chord.end));
  }
  return result;
}

SymbolicSong double_time(const SymbolicSong& song) {
  BeatGrid grid = song.grid;
  grid.times.clear();
  grid.numbers.clear();
  grid.confidence.clear();
  const int bar = song.grid.beats_per_bar;
  for (std::size_t i = 0; i < song.grid.size(); ++i) {
    const int number = 2 * song.grid.numbers[i] - 1;
    for (const int half : {0, 1}) {
      grid.times.push_back(song.grid.time_at(static_cast<double>(i) + 0.5 * half));
      grid.numbers.push_back((number + half - 1) % bar + 1);
    }
  }
  return on_grid(song, std::move(grid));
}

SymbolicSong half_time(const SymbolicSong& song) {
  if (!is_regular(song.grid)) return song;
  BeatGrid grid = song.grid;
  grid.times.clear();
  grid.numbers.clear();
  grid.confidence.clear();
  int number = 1;
  for (std::size_t i = 0; i < song.grid.size(); ++i) {
    if (song.grid.numbers[i] % 2 == 0) continue;
    if (grid.times.empty()) number = song.grid.numbers[i] == 1 ? 1 : 2;
    grid.times.push_back(song.grid.times[i]);
    grid.numbers.push_back(number);
    number = number % 4 + 1;
  }
  return grid.size() < 2 ? song : on_grid(song, std::move(grid));
}

SymbolicSong transposed(const SymbolicSong& song, int semitones) {
  SymbolicSong result = song;
  for (auto* notes : {&result.melody, &result.bridge, &result.piano}) {
    for (SymbolicNote& note : *notes) note.pitch = std::clamp(note.pitch + semitones, 0, 127);
  }
  for (SongChord& chord : result.chords) {
    if (chord.root < 0) continue;
    chord.root = (chord.root + semitones + 120) % 12;
    chord.bass = (chord.bass + semitones + 120) % 12;
    chord.pitch_classes = rotated(chord.pitch_classes, semitones);
  }
  return result;
}

const SongChord* chord_at(const SymbolicSong& song, double beat) {
  const auto after = std::upper_bound(song.chords.begin(), song.chords.end(), beat,
                                      [](double b, const SongChord& chord) { return b < chord.start; });
  if (after == song.chords.begin()) return nullptr;
  const SongChord& chord = *std::prev(after);
  return chord.root >= 0 && beat < chord.end ? &chord : nullptr;
}

}  // namespace pop2piano
