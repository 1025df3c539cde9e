// SPDX-License-Identifier: MIT
#include "learning/band/accompaniment.h"

#include <array>
#include <cstddef>

namespace pop2piano {
namespace {

constexpr int kLowestBass = 36, kLowestTone = 52;  // MIDI
constexpr int kOctaveBass = -2, kBass = -1;        // in patterns; other numbers are tones from below

/// What sounds at one place of a beat; up to three notes.
struct Stroke {
  double place = 0.0;  ///< beats
  std::array<int, 3> notes{};
  int count = 1;
};

/// One beat of each texture, in the order of kStyleNames without "auto". Notes a beat and a stroke decide the style
/// that style_of() will see: 2/1, 3/3, 4/1, 4/2, 5/1.25, 6/3.
const std::vector<std::vector<Stroke>>& textures() {
  static const std::vector<std::vector<Stroke>> kTextures{
      {{0.0, {kBass}}, {0.5, {1}}},
      {{0.0, {kBass, 0, 2}, 3}},
      {{0.0, {kBass}}, {0.25, {0}}, {0.5, {1}}, {0.75, {2}}},
      {{0.0, {kBass, 1}, 2}, {0.5, {0, 2}, 2}},
      {{0.0, {kOctaveBass, kBass}, 2}, {0.25, {0}}, {0.5, {1}}, {0.75, {2}}},
      {{0.0, {kBass, 0, 2}, 3}, {0.5, {0, 1, 2}, 3}},
  };
  return kTextures;
}

int pitch_of(const SongChord& chord, int note) {
  if (note < 0) {
    const int lowest = note == kOctaveBass ? kLowestBass - 12 : kLowestBass;
    return lowest + (chord.bass - lowest % 12 + 12) % 12;
  }
  std::vector<int> tones;
  for (int pitch = kLowestTone; pitch < kLowestTone + 12; ++pitch) {
    if ((chord.pitch_classes >> (pitch % 12) & 1U) != 0) tones.push_back(pitch);
  }
  const auto index = static_cast<std::size_t>(note);
  return tones[index % tones.size()] + 12 * static_cast<int>(index / tones.size());
}

}  // namespace

std::vector<SymbolicNote> accompaniment(const SymbolicSong& song, Random random) {
  const auto& texture = textures()[random.index(textures().size())];
  const int velocity = 55 + static_cast<int>(random.index(20));
  std::vector<SymbolicNote> notes;
  for (std::size_t beat = 0; beat + 1 < song.grid.size(); ++beat) {
    for (std::size_t s = 0; s < texture.size(); ++s) {
      const double onset = static_cast<double>(beat) + texture[s].place;
      const double end = static_cast<double>(beat) + (s + 1 < texture.size() ? texture[s + 1].place : 1.0);
      const SongChord* chord = chord_at(song, onset + 0.01);
      if (chord == nullptr) continue;
      for (int n = 0; n < texture[s].count; ++n) {
        const int pitch = pitch_of(*chord, texture[s].notes[static_cast<std::size_t>(n)]);
        notes.push_back({onset, end, pitch, s == 0 ? velocity + 8 : velocity});
      }
    }
  }
  return notes;
}

}  // namespace pop2piano
