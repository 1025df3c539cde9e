// SPDX-License-Identifier: MIT
#include "learning/records/piano_target.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace pop2piano {
namespace {

constexpr double kTripletAdvantage = 0.35;  // steps
constexpr int kLowestPitch = 21, kHighestPitch = 108;

int folded_into_piano(int pitch) {
  while (pitch < kLowestPitch) pitch += 12;
  while (pitch > kHighestPitch) pitch -= 12;
  return pitch;
}

RecordNote on_steps(const SymbolicNote& note, Voice voice) {
  RecordNote result;
  result.onset = quantised_step(note.onset);
  result.duration = std::max(1, static_cast<int>(std::lround((note.offset - note.onset) * kStepsPerBeat)));
  result.pitch = folded_into_piano(note.pitch);
  result.velocity = std::clamp(note.velocity, 1, 127);
  result.voice = static_cast<int>(voice);
  return result;
}

}  // namespace

int quantised_step(double beats) {
  const double position = beats * kStepsPerBeat;
  const double sixteenth = 3.0 * std::round(position / 3.0);
  const double triplet = 4.0 * std::round(position / 4.0);
  const bool is_triplet = std::abs(position - triplet) + kTripletAdvantage < std::abs(position - sixteenth);
  return static_cast<int>(is_triplet ? triplet : sixteenth);
}

std::vector<RecordNote> piano_target(const SymbolicSong& song) {
  std::map<std::pair<int, int>, RecordNote> by_place;  // onset, -pitch
  const auto add = [&](const std::vector<SymbolicNote>& notes, Voice voice) {
    for (const SymbolicNote& note : notes) {
      const RecordNote added = on_steps(note, voice);
      const auto [place, is_new] = by_place.try_emplace({added.onset, -added.pitch}, added);
      place->second.duration = std::max(place->second.duration, added.duration);
      if (!is_new) place->second.velocity = std::max(place->second.velocity, added.velocity);
    }
  };
  add(song.melody, Voice::melody);
  add(song.bridge, Voice::accompaniment);
  add(song.piano, Voice::accompaniment);
  std::vector<RecordNote> notes;
  for (const auto& [place, note] : by_place) notes.push_back(note);
  std::stable_sort(notes.begin(), notes.end(), [](const RecordNote& a, const RecordNote& b) {
    return std::pair(a.onset, a.voice) < std::pair(b.onset, b.voice);
  });
  return notes;
}

Texture accompaniment_texture(std::span<const RecordNote> notes) {
  std::set<int> onsets;
  double count = 0;
  for (const RecordNote& note : notes) {
    if (note.voice == 0) continue;
    onsets.insert(note.onset);
    ++count;
  }
  if (onsets.empty()) return {};
  const double beats = static_cast<double>(*onsets.rbegin() - *onsets.begin()) / kStepsPerBeat + 1.0;
  return {.notes_per_beat = count / beats, .notes_per_onset = count / static_cast<double>(onsets.size())};
}

int style_of(const Texture& texture) {
  constexpr double kFirstThird = 3.6, kSecondThird = 4.5;  // notes a beat
  constexpr double kMedianNotesPerOnset = 1.83;
  const int density = texture.notes_per_beat < kFirstThird ? 0 : texture.notes_per_beat < kSecondThird ? 1 : 2;
  return 1 + 2 * density + (texture.notes_per_onset < kMedianNotesPerOnset ? 0 : 1);
}

}  // namespace pop2piano
