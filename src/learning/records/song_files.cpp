// SPDX-License-Identifier: MIT
#include "learning/records/song_files.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/core/mapped_file.h"
#include "music/leadsheets/lead_sheet.h"
#include "music/score/harmony.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

constexpr std::size_t kFewestNotes = 8;  // of a melody
constexpr double kLongestSong = 1800;    // seconds
constexpr int kMostBeatsPerBar = 12;
constexpr double kLargestDeviation = 0.04;  // beats, of onsets from the grid
constexpr int kLastPianoProgram = 7;        // General MIDI

std::vector<SongChord> chords_from(std::span<const ChordSpan> spans) {
  std::vector<SongChord> chords;
  for (const ChordSpan& span : spans) {
    SongChord chord{.start = static_cast<double>(span.first_beat),
                    .end = static_cast<double>(span.first_beat + span.beats)};
    if (span.quality != ChordQuality::none) {
      chord.root = span.root;
      chord.bass = span.bass;
      chord.pitch_classes = static_cast<std::uint16_t>(1U << span.bass | 1U << span.root);
      for (const int interval : chord_intervals(span.quality)) {
        chord.pitch_classes = static_cast<std::uint16_t>(chord.pitch_classes | 1U << ((span.root + interval) % 12));
      }
    }
    chords.push_back(chord);
  }
  return chords;
}

// Each lasts to the next one, the last to the end.
std::vector<SongChord> chords_from(std::span<const PlacedChord> placed, double end) {
  std::vector<SongChord> chords;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const double until = i + 1 < placed.size() ? placed[i + 1].beat : std::max(end, placed[i].beat + 1.0);
    if (until <= placed[i].beat) continue;
    const ChordSymbol& symbol = placed[i].chord;
    chords.push_back({placed[i].beat, until, symbol.root, symbol.bass, symbol.pitch_classes});
  }
  return chords;
}

std::vector<SymbolicNote> symbolic(const std::vector<Note>& notes) {
  std::vector<SymbolicNote> result;
  for (const Note& note : notes) {
    result.push_back({static_cast<double>(note.onset) / kStepsPerBeat,
                      static_cast<double>(note.offset()) / kStepsPerBeat, note.pitch,
                      note.velocity > 0 ? note.velocity : 80});
  }
  return result;
}

void check_song(const SymbolicSong& song, const std::string& what) {
  if (song.melody.size() < kFewestNotes) {
    throw Error(ErrorCode::nothing_found, fmt::format("{}: expected a melody of at least {} notes, found {}", what,
                                                      kFewestNotes, song.melody.size()));
  }
  const double length = song.grid.times.back() - song.grid.times.front();
  if (length > kLongestSong || song.grid.beats_per_bar > kMostBeatsPerBar) {
    throw Error(ErrorCode::unsupported,
                fmt::format("{}: {:.0f} s with {} beats a bar, at most {:.0f} s and {} beats are rendered", what,
                            length, song.grid.beats_per_bar, kLongestSong, kMostBeatsPerBar));
  }
  if (std::none_of(song.chords.begin(), song.chords.end(), [](const SongChord& chord) { return chord.root >= 0; })) {
    throw Error(ErrorCode::nothing_found,
                what + ": expected chord symbols, or further notes to find chords from, found neither");
  }
}

SymbolicSong song_of(LeadSheet sheet, const std::string& what) {
  SymbolicSong song;
  song.melody = symbolic(sheet.melody);
  song.piano = symbolic(sheet.piano);
  if (!sheet.chords.empty()) {
    song.chords = chords_from(sheet.chords, static_cast<double>(sheet.grid.size() - 1));
  } else if (!sheet.piano.empty()) {
    std::vector<Note> all = sheet.melody;
    all.insert(all.end(), sheet.piano.begin(), sheet.piano.end());
    sort_notes(all);
    song.chords = chords_from(find_chords(all, sheet.grid));
  }
  song.grid = std::move(sheet.grid);
  check_song(song, what);
  return song;
}

std::size_t track_of_melody(const MidiFile& midi, const std::vector<TimedNote>& notes, std::string_view wanted,
                            const std::string& what) {
  std::vector<std::size_t> counts(midi.tracks.size(), 0);
  for (const TimedNote& note : notes) counts[note.track] += note.is_percussion() ? 0U : 1U;
  std::size_t best = midi.tracks.size();
  int rank = 0;
  for (std::size_t t = 0; t < midi.tracks.size(); ++t) {
    const int own = counts[t] > 0 ? melody_name_rank(midi.tracks[t].name(), wanted) : 0;
    if (own > rank) {
      rank = own;
      best = t;
    }
  }
  if (rank > 0) return best;
  throw Error(
      ErrorCode::nothing_found,
      what + (wanted.empty() ? ": no melody track: expected one named melody, vocal, voice or lead; name it with "
                               "--melody-track"
                             : ": no melody track: none is named \"" + std::string(wanted) + "\""));
}

bool is_piano(const MidiTrack& track) {
  std::string name = track.name();
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (name.find("piano") != std::string::npos || name.find("keyboard") != std::string::npos) return true;
  const auto program = std::find_if(track.events.begin(), track.events.end(),
                                    [](const MidiEvent& event) { return (event.status & 0xF0) == 0xC0; });
  return program != track.events.end() && program->channel() != 9 && program->data[0] <= kLastPianoProgram;
}

// In place, of notes in beats: of equal onsets the highest, each cut where the next begins.
void keep_one_voice(std::vector<SymbolicNote>& notes) {
  constexpr double kSameOnset = 0.05;  // beats
  std::stable_sort(notes.begin(), notes.end(), [](const auto& a, const auto& b) { return a.onset < b.onset; });
  std::vector<SymbolicNote> kept;
  for (const SymbolicNote& note : notes) {
    if (!kept.empty() && note.onset - kept.back().onset < kSameOnset) {
      if (note.pitch > kept.back().pitch) kept.back() = note;
      continue;
    }
    if (!kept.empty()) kept.back().offset = std::min(kept.back().offset, note.onset);
    kept.push_back(note);
  }
  notes = std::move(kept);
}

}  // namespace

SymbolicSong read_midi_song(const std::filesystem::path& file, std::string_view melody_track) {
  const std::string what = file.string();
  const MidiFile midi = read_midi_file(file);
  const std::vector<TimedNote> notes = timed_notes(midi);
  const std::size_t melody = track_of_melody(midi, notes, melody_track, what);
  const Imported imported = score_from_midi(midi, what);
  if (imported.deviation > kLargestDeviation) {
    throw Error(
        ErrorCode::unsupported,
        fmt::format("{}: notes lie {:.2f} beats off the file's beats, at most {} is taken: its tempo is not that "
                    "of the music",
                    what, imported.deviation, kLargestDeviation));
  }
  SymbolicSong song;
  song.grid = imported.score.grid;
  std::vector<bool> piano(midi.tracks.size());
  for (std::size_t t = 0; t < piano.size(); ++t) piano[t] = t != melody && is_piano(midi.tracks[t]);
  bool others = false;
  for (const TimedNote& note : notes) {
    if (note.is_percussion() || note.offset <= note.onset) continue;
    const SymbolicNote placed{song.grid.beat_at(note.onset), song.grid.beat_at(note.offset), note.pitch, note.velocity};
    if (note.track == melody) song.melody.push_back(placed);
    if (piano[note.track]) song.piano.push_back(placed);
    others = others || note.track != melody;
  }
  keep_one_voice(song.melody);
  if (others) song.chords = chords_from(find_chords(imported.score.notes, song.grid));
  check_song(song, what);
  return song;
}

SymbolicSong read_musicxml_song(const std::filesystem::path& file, std::string_view melody_part, Repeats repeats) {
  const std::string what = file.string();
  const MappedFile mapped(file);
  const std::string text = plain_musicxml(mapped.bytes(), what);
  const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
  return song_of(lead_sheet_from_musicxml(bytes, what, melody_part, repeats), what);
}

SymbolicSong read_abc_song(const std::filesystem::path& file, std::size_t index, Repeats repeats) {
  const std::string what = file.string();
  const MappedFile mapped(file);
  const auto tunes = split_abc(mapped.bytes(), what);
  if (index >= tunes.size()) {
    throw Error(ErrorCode::not_found, fmt::format("{}: expected tune {}, found {}", what, index + 1, tunes.size()));
  }
  return song_of(lead_sheet_from_abc(tunes[index], what, repeats), what);
}

}  // namespace pop2piano
