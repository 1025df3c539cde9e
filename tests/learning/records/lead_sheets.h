// SPDX-License-Identifier: MIT
// Small songs of our own in every kind of file that a corpus may hold.
#pragma once

#include <filesystem>
#include <string>

#include "base/core/output_file.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano::testing {

/// Eight bars over C, Am, F, G.
inline std::string little_abc(int number) {
  return "X:" + std::to_string(number) +
         "\nT:Little melody\nM:4/4\nL:1/4\nQ:1/4=110\nK:C\n|:\"C\"C E G c|\"Am\"c A E C|\"F\"F A c A|\"G7\"B G D2:|\n" +
         "|\"C\"c2 G2|\"Am\"A E A c|\"F\"A F2 C|\"C\"C4|]\n";
}

/// Sixteen beats at 120 a minute; `melody` names the track of the melody, a piano track holds triads.
inline void write_named_midi(const std::filesystem::path& file, const std::string& melody) {
  MidiFile midi;
  const auto track = [&](const std::string& name) -> MidiTrack& {
    midi.tracks.emplace_back();
    midi.tracks.back().events.push_back(midi_text(0, midi_meta::kTrackName, name));
    return midi.tracks.back();
  };
  MidiTrack& lead = track(melody);
  for (int beat = 0; beat < 16; ++beat) {
    lead.events.push_back(midi_note_on(480 * beat, 0, 67 + beat % 5, 90));
    lead.events.push_back(midi_note_off(480 * beat + 470, 0, 67 + beat % 5));
  }
  MidiTrack& piano = track("Grand Piano");
  for (int bar = 0; bar < 4; ++bar) {
    for (const int pitch : {48, 52, 55}) piano.events.push_back(midi_note_on(1920 * bar, 1, pitch + (bar % 2) * 5, 60));
    for (const int pitch : {48, 52, 55})
      piano.events.push_back(midi_note_off(1920 * bar + 1900, 1, pitch + (bar % 2) * 5));
  }
  for (MidiTrack& t : midi.tracks) t.length = t.events.back().tick;
  std::filesystem::create_directories(file.parent_path());
  write_midi_file(file, midi);
}

}  // namespace pop2piano::testing
