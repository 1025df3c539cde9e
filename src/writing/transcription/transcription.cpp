// SPDX-License-Identifier: MIT
#include "writing/transcription/transcription.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "music/scorefiles/import.h"

namespace pop2piano {
namespace {

constexpr int kTicksPerQuarter = 480, kSustain = 64;
constexpr std::uint32_t kMicroseconds = 500'000;  // a quarter: 120 a minute
constexpr double kTicksPerSecond = kTicksPerQuarter * 1e6 / kMicroseconds;

std::int64_t tick_at(double seconds) { return std::llround(seconds * kTicksPerSecond); }

double milliseconds(double seconds) { return std::round(1000.0 * seconds) / 1000.0; }

// At one tick keys and the pedal go up before others go down.
int order_of(const MidiEvent& event) {
  return event.is_note_off() || (event.status == 0xB0 && event.data[1] == 0) ? 0 : 1;
}

}  // namespace

MidiFile midi_of(const PianoTranscription& heard, const std::string& title, WrittenPedal pedal) {
  MidiFile file{.format = 0, .ticks_per_quarter = kTicksPerQuarter};
  MidiTrack& track = file.tracks.emplace_back();
  std::vector<MidiEvent> events;
  for (const PlayedNote& note : heard.notes) {
    const std::int64_t on = tick_at(note.onset), off = std::max(on + 1, tick_at(note.offset));
    const int pitch = static_cast<int>(std::lround(note.pitch));
    events.push_back(midi_note_on(on, 0, pitch, note.velocity));
    events.push_back(midi_note_off(off, 0, pitch));
  }
  if (pedal == WrittenPedal::controller) {
    for (const PedalDown& span : heard.pedal) {
      events.push_back(midi_control(tick_at(span.from), 0, kSustain, 127));
      events.push_back(midi_control(std::max(tick_at(span.from) + 1, tick_at(span.to)), 0, kSustain, 0));
    }
  }
  std::ranges::stable_sort(events, [](const MidiEvent& a, const MidiEvent& b) {
    return a.tick != b.tick ? a.tick < b.tick : order_of(a) < order_of(b);
  });
  track.events = {midi_text(0, midi_meta::kTrackName, title), midi_tempo(0, kMicroseconds), midi_program(0, 0, 0)};
  track.events.insert(track.events.end(), events.begin(), events.end());
  track.length = track.events.back().tick;
  return file;
}

Score score_of(const PianoTranscription& heard, const BeatGrid& grid, const std::string& title) {
  double end = 0.0;
  for (const PlayedNote& note : heard.notes) end = std::max(end, note.offset);
  const BeatGrid whole = heard.notes.empty() ? grid : grid.extended(heard.notes.front().onset, end);
  Score score = score_from_midi(midi_of(heard, title, WrittenPedal::none), title, ImportOptions{.grid = whole}).score;
  score.title = title;
  return score;
}

std::string json_of(const PianoTranscription& heard) {
  using Json = nlohmann::ordered_json;
  Json notes = Json::array(), pedal = Json::array();
  for (const PlayedNote& note : heard.notes) {
    notes.push_back({{"onset", milliseconds(note.onset)},
                     {"offset", milliseconds(note.offset)},
                     {"pitch", static_cast<int>(std::lround(note.pitch))},
                     {"velocity", note.velocity}});
  }
  for (const PedalDown& span : heard.pedal)
    pedal.push_back({{"from", milliseconds(span.from)}, {"to", milliseconds(span.to)}});
  const Json file{{"format", "pop2piano.transcription/1"}, {"notes", notes}, {"pedal", pedal}};
  return file.dump(1) + "\n";
}

}  // namespace pop2piano
