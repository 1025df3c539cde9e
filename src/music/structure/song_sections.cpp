// SPDX-License-Identifier: MIT
#include "music/structure/song_sections.h"

#include <algorithm>
#include <utility>

#include "music/score/bars.h"
#include "music/structure/sections.h"

namespace pop2piano {
namespace {

constexpr std::size_t kFewestBars = 8, kMostBars = 1000;  // time grows with their square

// Texture of a beat: onsets at each step, notes of melody and accompaniment, height of both.
constexpr std::size_t kTextures = kStepsPerBeat + 4;

void describe(const Note& note, int beat, BeatDescriptions& beats) {
  const auto row = static_cast<std::size_t>(beat);
  const int start = std::max(note.onset, beat * kStepsPerBeat),
            end = std::min(note.offset(), (beat + 1) * kStepsPerBeat);
  const auto pitch_class = static_cast<std::size_t>(note.pitch % 12);
  const bool melody = note.voice == Voice::melody;
  (melody ? beats.melody : beats.harmony)(row, pitch_class) += static_cast<float>(end - start);
  if (note.onset < beat * kStepsPerBeat) return;
  beats.timbre(row, static_cast<std::size_t>(note.onset - beat * kStepsPerBeat)) += 1.0F;
  beats.timbre(row, kStepsPerBeat + (melody ? 0U : 1U)) += 1.0F;
  beats.timbre(row, kStepsPerBeat + (melody ? 2U : 3U)) += static_cast<float>(note.pitch - 60) / 12.0F;
}

// The part of a grid in which the notes lie, whole bars.
BeatGrid sounding_part(std::span<const Note> notes, const BeatGrid& grid, int& first) {
  int begin = notes.front().onset, end = notes.front().offset();
  for (const Note& note : notes) {
    begin = std::min(begin, note.onset);
    end = std::max(end, note.offset());
  }
  const auto size = static_cast<int>(grid.size());
  first = std::clamp(beat_of_step(begin), 0, size);
  while (first > 0 && grid.numbers[static_cast<std::size_t>(first)] != 1) --first;
  const int last = std::clamp(beat_of_step(end - 1) + 1, first, size);
  return {.times = {grid.times.begin() + first, grid.times.begin() + last},
          .numbers = {grid.numbers.begin() + first, grid.numbers.begin() + last},
          .confidence = {},
          .beats_per_bar = grid.beats_per_bar};
}

}  // namespace

std::vector<SongSection> song_sections(const BeatDescriptions& beats, const BeatGrid& grid) {
  const std::vector<BarSpan> bars = bar_spans(grid.numbers);
  if (bars.size() < kFewestBars || bars.size() > kMostBars) return {};
  // Beats before the first full bar and an unfinished last bar belong to their neighbours.
  const std::size_t first = grid.numbers.front() == 1 && bars.front().beats >= bars[1].beats ? 0 : 1;
  const std::vector<BarSpan> whole(bars.begin() + static_cast<std::ptrdiff_t>(first), bars.end());
  const Matrix<float> likeness = bar_likeness(beats, whole);
  std::vector<SongSection> sections;
  for (const BarSection& section : find_sections(likeness.view()))
    sections.push_back({whole[static_cast<std::size_t>(section.first)].first_beat, section.letter});
  return sections;
}

std::vector<SongSection> song_sections(std::span<const Note> notes, const BeatGrid& grid) {
  if (notes.empty() || grid.size() == 0) return {};
  int first = 0;
  const BeatGrid part = sounding_part(notes, grid, first);
  if (part.size() == 0) return {};
  BeatDescriptions beats{Matrix<float>(part.size(), 12), Matrix<float>(part.size(), 12),
                         Matrix<float>(part.size(), kTextures)};
  for (Note note : notes) {
    note.onset -= first * kStepsPerBeat;
    const int from = std::max(0, beat_of_step(note.onset));
    const int to = std::min(static_cast<int>(part.size()), beat_of_step(note.offset() - 1) + 1);
    for (int beat = from; beat < to; ++beat) describe(note, beat, beats);
  }
  std::vector<SongSection> sections = song_sections(beats, part);
  for (SongSection& section : sections) section.first_beat += first;
  return sections;
}

std::vector<SongSection> sections_of(const Score& score) {
  return score.sections.empty() ? song_sections(score.notes, score.grid) : score.sections;
}

std::string section_name(int letter) {
  return std::string(static_cast<std::size_t>(letter / 26 + 1), static_cast<char>('A' + letter % 26));
}

}  // namespace pop2piano
