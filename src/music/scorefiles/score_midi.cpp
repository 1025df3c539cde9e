// SPDX-License-Identifier: MIT
#include "music/scorefiles/score_midi.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "music/arrange/pedal.h"
#include "music/score/bars.h"
#include "music/score/clean_notes.h"
#include "music/score/metre.h"
#include "music/scorefiles/midi_beats.h"
#include "music/scorefiles/midi_swing.h"
#include "music/scorefiles/written_beats.h"

namespace pop2piano {
namespace {

constexpr std::int16_t kDefaultVelocity = 80;
constexpr int kSustainController = 64;

int last_step(const Score& score) {
  int last = 1;
  for (const Note& note : score.notes) last = std::max(last, note.offset());
  return last;
}

/// From the start of the first bar that has a note, at one tempo.
MidiBeats constant_beats(const Score& score) {
  int first_step = std::numeric_limits<int>::max();
  for (const Note& note : score.notes) first_step = std::min(first_step, note.onset);
  const int first_beat = score.notes.empty() ? 0 : bar_start(score.grid, beat_of_step(first_step));
  return beats_at_one_tempo(score.grid, first_beat, beat_of_step(last_step(score) - 1) + 1 - first_beat);
}

/// A bar that no beat of the file begins in is left out: its beats share one with the bar before or after it.
void put_metre(const BeatGrid& grid, const MidiBeats& beats, std::vector<MidiEvent>& events) {
  if (!grid.metres.empty()) {
    const std::vector<MidiEvent> metres = written_metres(grid, beats);
    events.insert(events.end(), metres.begin(), metres.end());
    return;
  }
  const int last_beat = beats.first_beat + static_cast<int>(beats.ticks.size()) - 1;
  std::int64_t current = 0;
  for (const Bar& bar : bars_between(grid, beats.first_beat, last_beat)) {
    const auto first = static_cast<std::size_t>(bar.first_beat - beats.first_beat);
    const auto last = std::min(first + static_cast<std::size_t>(bar.beats), beats.ticks.size() - 1);
    const auto missing = static_cast<std::int64_t>(first + static_cast<std::size_t>(bar.beats) - last);
    const std::int64_t units = beats.units_before(last) - beats.units_before(first) + missing;
    const std::int64_t numerator = std::min<std::int64_t>(units, 255);
    if (numerator == 0) continue;
    if (numerator != current) {
      events.push_back(midi_time_signature(beats.units_before(first) * beats.unit, static_cast<int>(numerator),
                                           beats.denominator_power()));
    }
    current = numerator;
  }
}

/// Without a change of key, the score's one key.
void put_keys(const Score& score, const MidiBeats& beats, std::vector<MidiEvent>& events) {
  if (score.keys.empty()) {
    if (score.key) events.push_back(midi_key_signature(0, score.key->fifths, score.key->minor));
    return;
  }
  for (std::size_t i = 0; i < score.keys.size(); ++i) {
    const auto beat = static_cast<std::ptrdiff_t>(score.keys[i].first_beat - beats.first_beat);
    if (beat >= std::ssize(beats.ticks)) break;
    const std::int64_t tick = i == 0 || beat < 0 ? 0 : beats.units_before(static_cast<std::size_t>(beat)) * beats.unit;
    events.push_back(midi_key_signature(tick, score.keys[i].key.fifths, score.keys[i].key.minor));
  }
}

MidiTrack conductor_track(const Score& score, const MidiBeats& beats) {
  MidiTrack track;
  if (!score.title.empty()) track.events.push_back(midi_text(0, midi_meta::kTrackName, score.title));
  put_keys(score, beats, track.events);
  put_metre(score.grid, beats, track.events);
  if (beats.ticks.front() > 0) {
    track.events.push_back(midi_text(beats.ticks.front(), midi_meta::kMarker, kFirstBeatMarker));
  }
  if (beats.swing.swings()) {
    const double beat = score.grid.lengths.empty() ? beats.unit : kTicksPer64th * usual_beat_length(score.grid);
    track.events.push_back(midi_text(0, midi_meta::kText, swing_text(beats.swing, beat)));
  }
  for (const auto& [tick, tempo] : beats.tempos) track.events.push_back(midi_tempo(tick, tempo));
  std::stable_sort(track.events.begin(), track.events.end(),
                   [](const MidiEvent& a, const MidiEvent& b) { return a.tick < b.tick; });
  track.length = beats.ticks.back();
  return track;
}

Hand hand_of(const Note& note) {
  if (note.hand != Hand::unassigned) return note.hand;
  return note.voice == Voice::melody || note.pitch >= 60 ? Hand::right : Hand::left;
}

/// The pedal is lifted as the new chord is struck and pressed again a moment later.
void put_pedal(const std::vector<PedalSpan>& pedal, const MidiBeats& beats, int channel,
               std::vector<MidiEvent>& events) {
  for (const PedalSpan& span : pedal) {
    const std::int64_t down = beats.tick_of(span.start + 1), up = beats.tick_of(span.end);
    if (down >= up) continue;
    events.push_back(midi_control(down, channel, kSustainController, 127));
    events.push_back(midi_control(up, channel, kSustainController, 0));
  }
}

MidiTrack hand_track(const Score& score, const MidiBeats& beats, Hand hand, const std::vector<PedalSpan>& pedal,
                     const MidiOptions& options) {
  const int channel = hand == Hand::right ? 0 : 1;
  MidiTrack track;
  track.events.push_back(midi_text(0, midi_meta::kTrackName, hand == Hand::right ? "Right hand" : "Left hand"));
  track.events.push_back(midi_program(0, channel, 0));
  put_pedal(pedal, beats, channel, track.events);
  std::vector<Note> notes;
  for (const Note& note : score.notes) {
    if (hand_of(note) == hand) notes.push_back(note);
  }
  resolve_overlaps(notes);  // one key cannot be struck while it is down
  const auto tick_at = [&](int step) {
    const bool fine = !score.grid.fine.empty();
    return fine ? fine_tick(score.grid, beats, step) : beats.tick_of(step);
  };
  for (const Note& note : notes) {
    const std::int16_t decided = note.velocity > 0 ? note.velocity : kDefaultVelocity;
    const int velocity = std::clamp<int>(options.constant_velocity > 0 ? options.constant_velocity : decided, 1, 127);
    const std::int64_t on = tick_at(note.onset);
    track.events.push_back(midi_note_on(on, channel, note.pitch, velocity));
    track.events.push_back(midi_note_off(std::max(tick_at(note.offset()), on + 1), channel, note.pitch));
  }
  const auto rank = [](const MidiEvent& event) { return event.is_note_on() ? 1 : 0; };
  std::stable_sort(track.events.begin(), track.events.end(), [&](const MidiEvent& a, const MidiEvent& b) {
    return a.tick != b.tick ? a.tick < b.tick : rank(a) < rank(b);
  });
  track.length = beats.ticks.back();
  return track;
}

}  // namespace

MidiFile score_to_midi(const Score& score, const MidiOptions& options) {
  score.grid.validate();
  validate_notes(score.notes);
  MidiBeats beats =
      options.tempo == MidiTempo::song ? beats_at_their_time(score.grid, last_step(score)) : constant_beats(score);
  const bool other_values = !score.grid.metres.empty() && beats.unit != kMidiTicksPerQuarter;
  if (!score.grid.lengths.empty() || other_values) {
    const auto fit = options.tempo == MidiTempo::song ? stretch_to_lengths : take_one_tempo;
    fit(score.grid, beats);
  }
  beats.swing = score.swing;
  MidiFile file;
  file.ticks_per_quarter = kMidiTicksPerQuarter;
  std::vector<PedalSpan> pedal;
  if (options.pedal == PedalMode::by_harmony) pedal = pedal_spans(chords_of(score), score.grid);
  file.tracks = {conductor_track(score, beats), hand_track(score, beats, Hand::right, pedal, options),
                 hand_track(score, beats, Hand::left, pedal, options)};
  return file;
}

void write_midi(const std::filesystem::path& target, const Score& score, const MidiOptions& options) {
  write_midi_file(target, score_to_midi(score, options));
}

double midi_beat_error(const MidiFile& file, const BeatGrid& grid) {
  const MidiTempoMap map(file);
  const int unit = grid.lengths.empty() ? midi_beat_unit(grid) : kTicksPer64th * usual_beat_length(grid);
  double worst = 0.0, last = -1.0, last_time = 0.0;
  for (const double time : grid.times) {
    if (time < -kSameInstant) continue;
    const bool at_start = last < 0.0 && time < kSameInstant;
    if (!at_start && shares_its_beat(last_time, time, unit)) continue;
    const double beat = std::round(map.tick_at(time) / unit);
    if (beat <= last) return std::numeric_limits<double>::infinity();
    worst = std::max(worst, std::abs(map.seconds_at(beat * unit) - time));
    last = beat;
    last_time = time;
  }
  return worst;
}

}  // namespace pop2piano
