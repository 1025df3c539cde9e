// SPDX-License-Identifier: MIT
// A song of half a minute and covers of it, made by the tests: chords and a melody that do not repeat, at 120 beats a
// minute.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "app/wav_file.h"
#include "base/core/random.h"
#include "listening/align/analysis_sound.h"
#include "music/score/played_note.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano::testing {

inline constexpr int kSongBars = 14;

/// Two notes of melody a beat and a chord each; another seed is another song.
inline std::vector<PlayedNote> song_notes(std::uint64_t seed) {
  constexpr std::array<int, 6> kRoots = {48, 57, 53, 55, 50, 52};
  constexpr std::array<int, 7> kScale = {72, 74, 76, 77, 79, 81, 83};
  Random random(seed);
  std::vector<PlayedNote> notes;
  for (int beat = 0; beat < 4 * kSongBars; ++beat) {
    const double begin = 0.5 * beat;
    if (beat % 4 == 0) {
      const int root = kRoots[random.index(kRoots.size())];
      const bool minor = root == 57 || root == 50 || root == 52;
      for (const int above : {0, minor ? 3 : 4, 7}) {
        notes.push_back({begin, begin + 1.9, static_cast<double>(root + above), 90});
      }
    }
    for (const double later : {0.0, 0.25}) {
      const int pitch = kScale[random.index(kScale.size())];
      notes.push_back({begin + later, begin + later + 0.24, static_cast<double>(pitch), beat % 4 == 0 ? 110 : 80});
    }
  }
  return sorted_by_onset(notes);
}

inline void write_song(const std::filesystem::path& file, std::uint64_t seed) {
  const std::vector<PlayedNote> notes = song_notes(seed);
  write_float_wav(file, analysis_sound(notes), 22050, 1);
}

inline void write_notes(const std::filesystem::path& file, const std::vector<PlayedNote>& notes, double slower = 1.0,
                        int raised = 0) {
  MidiFile midi{.format = 0, .ticks_per_quarter = 480, .tracks = {MidiTrack{}}};
  const auto tick = [&](double seconds) { return static_cast<std::int64_t>(seconds * slower * 960.0 + 0.5); };
  std::vector<MidiEvent>& events = midi.tracks.front().events;
  for (const PlayedNote& note : notes) {
    const int pitch = static_cast<int>(note.pitch) + raised;
    events.push_back(midi_note_on(tick(note.onset), 0, pitch, note.velocity));
    events.push_back(midi_note_off(tick(note.offset), 0, pitch));
  }
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) { return a.tick < b.tick; });
  write_midi_file(file, midi);
}

/// `slower`: than the song; `raised`: semitones.
inline void write_cover(const std::filesystem::path& file, std::uint64_t seed, double slower = 1.0, int raised = 0) {
  write_notes(file, song_notes(seed), slower, raised);
}

}  // namespace pop2piano::testing
