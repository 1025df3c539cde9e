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
  const auto none_or_all = [&](std::size_t count, const char* what) {
    if (count == 0 || count == beat_numbers.size()) return;
    reject(std::to_string(count) + " " + what + " for " + std::to_string(beat_numbers.size()) +
           " beats, expected none or one for each");
  };
  none_or_all(textures.size(), "textures");
  none_or_all(styles.size(), "styles");
  none_or_all(returns.size(), "returns");
  none_or_all(again.size(), "marks of what is written again");
  for (std::size_t b = 0; b < returns.size(); ++b) {
    if (returns[b] >= -1 && returns[b] < static_cast<int>(b)) continue;
    reject("beat " + std::to_string(b) + " returns from beat " + std::to_string(returns[b]) +
           ", expected an earlier one or -1");
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

namespace {

// Whether another style or another return begins with that beat.
bool is_border(const WriterSong& song, int beat) {
  const auto b = static_cast<std::size_t>(beat);
  if (!song.styles.empty() && song.styles[b] != song.styles[b - 1]) return true;
  if (song.returns.empty()) return false;
  const int before = song.returns[b - 1], here = song.returns[b];
  return before < 0 || here < 0 ? before != here : here != before + 1;
}

}  // namespace

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
    for (int b = std::max(at, 0) + 1; b < std::min(next, beats); ++b) {
      if (!is_border(song, b)) continue;
      next = b;
      break;
    }
    at = next;
  }
  return starts;
}

}  // namespace pop2piano
