// SPDX-License-Identifier: MIT
#include "writing/writer/writer_song.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace pop2piano {
namespace {

// Quartiles of onsets a beat and thirds of notes an onset in POP909's accompaniments, over windows of 16 beats.
constexpr std::array kDensityBorders = {1.75, 2.05, 2.55};
constexpr std::array kFullnessBorders = {1.65, 2.15};

template <std::size_t N>
int class_of(double value, const std::array<double, N>& borders) {
  return static_cast<int>(std::upper_bound(borders.begin(), borders.end(), value) - borders.begin());
}

[[noreturn]] void reject(const std::string& what) {
  throw Error(ErrorCode::invalid_argument, "a song to write for: " + what);
}

}  // namespace

void WriterSong::validate() const {
  if (beat_numbers.empty()) reject("it has no beats, expected one at least");
  if (chords.size() != beat_numbers.size()) {
    reject(std::to_string(chords.size()) + " chords for " + std::to_string(beat_numbers.size()) +
           " beats, expected one for each");
  }
  if (!textures.empty() && textures.size() != beat_numbers.size()) {
    reject(std::to_string(textures.size()) + " textures for " + std::to_string(beat_numbers.size()) +
           " beats, expected none or one for each");
  }
  for (const BeatChord& chord : chords) {
    if (chord.root < -1 || chord.root > 11 || chord.bass < -1 || chord.bass > 11 || chord.pitch_classes > 0xFFF) {
      reject("a chord with root " + std::to_string(chord.root) + " and bass " + std::to_string(chord.bass) +
             ", expected pitch classes 0 to 11 or -1");
    }
  }
  for (const SectionTexture& t : textures) {
    if (t.density < -1 || t.density >= SectionTexture::kDensities || t.fullness < -1 ||
        t.fullness >= SectionTexture::kFullnesses) {
      reject("a texture of density " + std::to_string(t.density) + " and fullness " + std::to_string(t.fullness) +
             ", expected classes 0 to 3 and 0 to 2, or -1");
    }
  }
}

SectionTexture texture_of(std::span<const Note> notes, int first_beat, int end_beat) {
  std::set<int> onsets;
  double count = 0;
  for (const Note& note : notes) {
    if (note.voice == Voice::melody || note.onset < first_beat * kStepsPerBeat ||
        note.onset >= end_beat * kStepsPerBeat) {
      continue;
    }
    onsets.insert(note.onset);
    ++count;
  }
  if (onsets.size() < 2) return {};
  const auto places = static_cast<double>(onsets.size());
  return {.density = class_of(places / (end_beat - first_beat), kDensityBorders),
          .fullness = class_of(count / places, kFullnessBorders)};
}

std::vector<SectionTexture> textures_of(std::span<const Note> notes, int beats, int anchor, int block) {
  std::vector<SectionTexture> textures(static_cast<std::size_t>(beats));
  const int before = anchor > 0 ? (anchor + block - 1) / block : 0;  // blocks
  for (int first = anchor - before * block; first < beats; first += block) {
    const SectionTexture texture = texture_of(notes, first - block / 2, first + block + block / 2);
    for (int b = std::max(0, first); b < std::min(first + block, beats); ++b) {
      textures[static_cast<std::size_t>(b)] = texture;
    }
  }
  return textures;
}

std::vector<int> segment_starts(const WriterSong& song, int segment_beats) {
  const int beats = song.beats();
  // The bar that the song begins in may have begun before it.
  int at = 1 - song.beat_numbers.front();
  if (at <= -segment_beats) at = 0;
  std::vector<int> starts;
  while (at < beats) {
    starts.push_back(at);
    int next = at + segment_beats;
    for (int b = next; b > at && b < beats; --b) {
      if (b > 0 && song.beat_numbers[static_cast<std::size_t>(b)] == 1) {
        next = b;
        break;
      }
    }
    at = next;
  }
  return starts;
}

}  // namespace pop2piano
