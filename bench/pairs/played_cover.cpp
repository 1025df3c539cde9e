// SPDX-License-Identifier: MIT
#include "played_cover.h"

#include <pop2piano/render.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "learning/prepare/cover_transcriber.h"
#include "learning/records/cover_on_song.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano::bench {

namespace fs = std::filesystem;

void write_notes(std::span<const PlayedNote> notes, const fs::path& file) {
  MidiFile midi{.format = 0, .ticks_per_quarter = 480, .tracks = {MidiTrack{}}};
  const auto tick = [](double seconds) { return std::llround(seconds * 960.0); };
  std::vector<MidiEvent>& events = midi.tracks.front().events;
  for (const PlayedNote& note : notes) {
    const int pitch = static_cast<int>(std::lround(note.pitch));
    events.push_back(midi_note_on(tick(note.onset), 0, pitch, note.velocity));
    events.push_back(midi_note_off(std::max(tick(note.offset), tick(note.onset) + 1), 0, pitch));
  }
  std::ranges::stable_sort(events, {}, &MidiEvent::tick);
  write_midi_file(file, midi);
}

void write_played(std::span<const PlayedNote> notes, const fs::path& file, const fs::path& font) {
  std::vector<TimedEvent> events;
  for (const PlayedNote& note : notes) {
    const auto pitch = static_cast<std::uint8_t>(std::lround(note.pitch));
    events.push_back({note.onset, 0x90, pitch, static_cast<std::uint8_t>(note.velocity)});
    events.push_back({note.offset, 0x80, pitch, 0});
  }
  std::ranges::stable_sort(events, {}, &TimedEvent::seconds);
  render_wav(events, file, {.soundfont = font, .threads = 1});
}

DrawnCover heard_again(const DrawnCover& cover, const fs::path& font, const fs::path& kept, ThreadPool& pool) {
  constexpr double kNear = 0.1;  // seconds
  if (!fs::exists(kept)) {
    const fs::path sound = fs::path(kept).replace_extension(".wav");
    write_played(cover.notes, sound, font);
    transcribe_cover(sound, kept, pool);
    fs::remove(sound);
  }
  DrawnCover heard = cover;
  heard.notes = sounding_notes(kept);
  heard.song_times.assign(heard.notes.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < heard.notes.size(); ++i) {
    const PlayedNote& note = heard.notes[i];
    double nearest = kNear;
    auto k = std::ranges::lower_bound(cover.notes, note.onset - kNear, {}, &PlayedNote::onset);
    for (; k != cover.notes.end() && k->onset <= note.onset + kNear; ++k) {
      const double away = std::abs(k->onset - note.onset);
      if (std::lround(k->pitch) != std::lround(note.pitch) || away > nearest) continue;
      nearest = away;
      heard.song_times[i] = cover.song_times[static_cast<std::size_t>(k - cover.notes.begin())];
    }
  }
  return heard;
}

}  // namespace pop2piano::bench
