// SPDX-License-Identifier: MIT
#include "learning/records/record_midi.h"

#include <pop2piano/error.h>
#include <pop2piano/score.h>

#include <algorithm>
#include <cstdint>

#include "music/scorefiles/midi_beats.h"

namespace pop2piano {
namespace {

BeatGrid grid_of(const SongDescription& song) {
  if (song.beat_times.size() < 2) throw Error(ErrorCode::malformed, song.song + ": a record without beats");
  return {
      .times = song.beat_times, .numbers = song.beat_numbers, .confidence = {}, .beats_per_bar = song.beats_per_bar};
}

int last_step(const SongDescription& song) {
  int last = static_cast<int>(song.beat_times.size() - 1) * kStepsPerBeat;
  for (const RecordNote& note : song.notes) last = std::max(last, note.onset + note.duration);
  return last;
}

MidiTrack tempo_track(const MidiBeats& beats, const SongDescription& song) {
  MidiTrack track;
  track.events.push_back(midi_text(0, midi_meta::kTrackName, song.song));
  track.events.push_back(midi_time_signature(0, song.beats_per_bar, beats.denominator_power()));
  for (const auto& [tick, tempo] : beats.tempos) track.events.push_back(midi_tempo(tick, tempo));
  track.length = beats.ticks.back();
  return track;
}

MidiTrack note_track(const MidiBeats& beats, const SongDescription& song, int voice, const char* name) {
  MidiTrack track;
  track.events.push_back(midi_text(0, midi_meta::kTrackName, name));
  track.events.push_back(midi_program(0, voice, 0));
  for (const RecordNote& note : song.notes) {
    if (note.voice != voice) continue;
    const std::int64_t onset = beats.tick_of(note.onset);
    const std::int64_t offset = std::max(onset + 1, beats.tick_of(note.onset + note.duration));
    track.events.push_back(midi_note_on(onset, voice, note.pitch, note.velocity));
    track.events.push_back(midi_note_off(offset, voice, note.pitch));
  }
  std::stable_sort(track.events.begin(), track.events.end(), [](const MidiEvent& a, const MidiEvent& b) {
    return a.tick != b.tick ? a.tick < b.tick : a.is_note_off() && b.is_note_on();
  });
  track.length = std::max(track.events.back().tick, beats.ticks.back());
  return track;
}

}  // namespace

MidiFile record_midi(const SongDescription& song) {
  const MidiBeats beats = beats_at_their_time(grid_of(song), last_step(song));
  MidiFile file;
  file.ticks_per_quarter = kMidiTicksPerQuarter;
  file.tracks = {tempo_track(beats, song), note_track(beats, song, 0, "melody"),
                 note_track(beats, song, 1, "accompaniment")};
  return file;
}

void write_record_midi(const std::filesystem::path& target, const SongDescription& song) {
  write_midi_file(target, record_midi(song));
}

}  // namespace pop2piano
