// SPDX-License-Identifier: MIT
// A folder in POP909's layout with made-up songs, for tests that must not need the corpus.
#pragma once

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/core/random.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano::testing {

/// Bars of four beats at 120 a minute, the first beat at 0.25 s: a melody from bar 2 on, chords on each beat, C and G
/// in turn.
inline void write_tiny_song(const std::filesystem::path& corpus, int number, int beat_count = 64) {
  const std::string name = fmt::format("{:03}", number);
  const auto folder = corpus / name;
  std::filesystem::create_directories(folder);
  std::ofstream beats(folder / "beat_midi.txt"), chords(folder / "chord_midi.txt");
  for (int beat = 0; beat < beat_count; ++beat) {
    beats << 0.25 + 0.5 * beat << ' ' << (beat % 2 == 0) << ".0 " << (beat % 4 == 0) << ".0\n";
    if (beat % 4 == 0)
      chords << 0.25 + 0.5 * beat << '\t' << 2.25 + 0.5 * beat << '\t' << (beat % 8 ? "G:maj" : "C:maj") << '\n';
  }
  MidiFile file;
  file.ticks_per_quarter = 480;
  const auto track = [&](const char* title) -> MidiTrack& {
    file.tracks.emplace_back();
    file.tracks.back().events.push_back(midi_text(0, midi_meta::kTrackName, title));
    return file.tracks.back();
  };
  MidiTrack& melody = track("MELODY");
  Random random(static_cast<std::uint64_t>(number));
  for (int beat = 4; beat < beat_count; ++beat) {  // 0.25 s = 240 ticks at 120 a minute
    const int pitch = 67 + static_cast<int>(random.index(8));
    melody.events.push_back(midi_note_on(240 + 480 * beat, 0, pitch, 90));
    melody.events.push_back(midi_note_off(240 + 480 * beat + 400, 0, pitch));
  }
  MidiTrack& piano = track("PIANO");
  for (int beat = 0; beat < beat_count; ++beat) {
    for (const int pitch : {beat % 8 < 4 ? 48 : 43, 55, beat % 8 < 4 ? 64 : 62}) {
      piano.events.push_back(midi_note_on(240 + 480 * beat, 0, pitch, 60));
    }
    for (const int pitch : {beat % 8 < 4 ? 48 : 43, 55, beat % 8 < 4 ? 64 : 62}) {
      piano.events.push_back(midi_note_off(240 + 480 * beat + 420, 0, pitch));
    }
  }
  for (MidiTrack& t : file.tracks) t.length = t.events.back().tick;
  write_midi_file(folder / (name + ".mid"), file);
}

}  // namespace pop2piano::testing
