// SPDX-License-Identifier: MIT
#include "learning/records/record_midi.h"

#include <pop2piano/error.h>
#include <pop2piano/score.h>

#include <algorithm>
#include <cmath>

namespace pop2piano {
namespace {

constexpr int kTicksPerBeat = 480;
constexpr int kTicksPerStep = kTicksPerBeat / kStepsPerBeat;

// The grid from beat 0 on, and how many beats were put before it so that it starts at or before time 0.
struct Clock {
  BeatGrid grid;
  int added = 0;
};

Clock clock_from_zero(const SongDescription& song) {
  if (song.beat_times.size() < 2) throw Error(ErrorCode::malformed, song.song + ": a record without beats");
  BeatGrid grid{
      .times = song.beat_times, .numbers = song.beat_numbers, .confidence = {}, .beats_per_bar = song.beats_per_bar};
  Clock clock{.grid = grid.extended(0.0, grid.times.back()), .added = 0};
  clock.added = static_cast<int>(clock.grid.size() - song.beat_times.size());
  return clock;
}

// The first tempo lasts for the part of the first beat that lies after time 0.
MidiTrack tempo_track(const Clock& clock, const SongDescription& song) {
  MidiTrack track;
  track.events.push_back(midi_text(0, midi_meta::kTrackName, song.song));
  track.events.push_back(midi_time_signature(0, song.beats_per_bar, 2));
  for (std::size_t b = 0; b + 1 < clock.grid.size(); ++b) {
    const double start = std::max(0.0, clock.grid.times[b]);
    const double seconds = std::max(1e-3, clock.grid.times[b + 1] - start);
    const auto microseconds = static_cast<std::uint32_t>(std::clamp(std::round(1e6 * seconds), 1.0, 16777215.0));
    track.events.push_back(midi_tempo(static_cast<std::int64_t>(b) * kTicksPerBeat, microseconds));
  }
  track.length = static_cast<std::int64_t>(clock.grid.size()) * kTicksPerBeat;
  return track;
}

MidiTrack note_track(const Clock& clock, const SongDescription& song, int voice, const char* name) {
  MidiTrack track;
  track.events.push_back(midi_text(0, midi_meta::kTrackName, name));
  track.events.push_back(midi_program(0, voice, 0));
  for (const RecordNote& note : song.notes) {
    if (note.voice != voice) continue;
    const std::int64_t onset = std::max<std::int64_t>(0, (note.onset + clock.added * kStepsPerBeat) * kTicksPerStep);
    track.events.push_back(midi_note_on(onset, voice, note.pitch, note.velocity));
    track.events.push_back(midi_note_off(onset + note.duration * kTicksPerStep, voice, note.pitch));
  }
  std::stable_sort(track.events.begin(), track.events.end(), [](const MidiEvent& a, const MidiEvent& b) {
    return a.tick != b.tick ? a.tick < b.tick : a.is_note_off() && b.is_note_on();
  });
  track.length = std::max(track.events.back().tick, static_cast<std::int64_t>(clock.grid.size()) * kTicksPerBeat);
  return track;
}

}  // namespace

MidiFile record_midi(const SongDescription& song) {
  const Clock clock = clock_from_zero(song);
  MidiFile file;
  file.ticks_per_quarter = kTicksPerBeat;
  file.tracks = {tempo_track(clock, song), note_track(clock, song, 0, "melody"),
                 note_track(clock, song, 1, "accompaniment")};
  return file;
}

void write_record_midi(const std::filesystem::path& target, const SongDescription& song) {
  write_midi_file(target, record_midi(song));
}

}  // namespace pop2piano
