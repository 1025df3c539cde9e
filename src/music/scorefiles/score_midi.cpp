// SPDX-License-Identifier: MIT
#include "music/scorefiles/score_midi.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "music/arrange/pedal.h"
#include "music/score/bars.h"
#include "music/score/clean_notes.h"
#include "music/scorefiles/written_beats.h"

namespace pop2piano {
namespace {

constexpr int kTicksPerQuarter = 480;
constexpr double kMaxSecondsPerQuarter = 0xFFFFFF * 1e-6;
constexpr double kSameInstant = 0.0005;  // seconds; a first beat nearer to second 0 is at second 0
constexpr double kMaxLeadInBeats = 100'000;
constexpr std::int16_t kDefaultVelocity = 80;
constexpr int kSustainController = 64;

/// The beats of the file: grid beat `first_beat` + i starts at ticks[i]; the last entry is the end of the last beat.
struct FileBeats {
  int first_beat = 0;
  std::vector<std::int64_t> ticks;
  std::vector<std::pair<std::int64_t, std::uint32_t>> tempos;  // tick, microseconds per quarter

  [[nodiscard]] std::int64_t tick_of(int step) const {
    const int beat = beat_of_step(step) - first_beat;
    if (beat < 0) return 0;
    const auto index = std::min(static_cast<std::size_t>(beat), ticks.size() - 2);
    const std::int64_t within = step - static_cast<std::int64_t>(first_beat + static_cast<int>(index)) * kStepsPerBeat;
    return ticks[index] + within * (ticks[index + 1] - ticks[index]) / kStepsPerBeat;
  }
};

int last_step(const Score& score) {
  int last = 1;
  for (const Note& note : score.notes) last = std::max(last, note.offset());
  return last;
}

/// Seconds at which the beats of the file start: lead-in, then the grid from its first beat in the recording.
struct BeatTimes {
  int first_beat = 0;  // index into the grid of the first entry, negative when there is a lead-in before it
  std::vector<double> seconds;
};

BeatTimes beat_times(const Score& score) {
  const double end = std::max(score.grid.time_at(static_cast<double>(last_step(score)) / kStepsPerBeat), 0.0);
  const BeatGrid grid = score.grid.extended(score.grid.times.front(), end);
  const auto first = std::lower_bound(grid.times.begin(), grid.times.end(), -kSameInstant);
  const double lead_in = *first < kSameInstant ? 0.0 : *first;
  const double wanted = std::min(std::round(lead_in / grid.median_interval()), kMaxLeadInBeats);
  const int lead_in_beats = lead_in > 0.0 ? std::max(1, static_cast<int>(wanted)) : 0;
  BeatTimes beats;
  beats.first_beat = static_cast<int>(first - grid.times.begin()) - lead_in_beats;
  for (int i = 0; i < lead_in_beats; ++i) beats.seconds.push_back(lead_in * i / lead_in_beats);
  beats.seconds.insert(beats.seconds.end(), first, grid.times.end());
  beats.seconds.push_back(grid.times.back() + grid.median_interval());
  return beats;
}

FileBeats locked_beats(const Score& score) {
  const BeatTimes beats = beat_times(score);
  FileBeats out{.first_beat = beats.first_beat, .ticks = {0}, .tempos = {}};
  std::int64_t now = 0;  // microseconds that the tempos so far add up to
  for (std::size_t i = 1; i < beats.seconds.size(); ++i) {
    const std::int64_t target = std::llround(beats.seconds[i] * 1e6);
    const double length = static_cast<double>(target - now) * 1e-6;
    const auto quarters =
        std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(length / kMaxSecondsPerQuarter)));
    for (std::int64_t left = quarters; left > 0; --left) {
      const auto tempo = static_cast<std::uint32_t>(std::clamp<std::int64_t>((target - now) / left, 1, 0xFFFFFF));
      const std::int64_t tick = out.ticks.back() + (quarters - left) * kTicksPerQuarter;
      if (out.tempos.empty() || out.tempos.back().second != tempo) out.tempos.emplace_back(tick, tempo);
      now += tempo;
    }
    out.ticks.push_back(out.ticks.back() + quarters * kTicksPerQuarter);
  }
  return out;
}

/// From the start of the first bar that has a note, at one tempo.
FileBeats constant_beats(const Score& score) {
  int first_step = std::numeric_limits<int>::max();
  for (const Note& note : score.notes) first_step = std::min(first_step, note.onset);
  const int first_beat = score.notes.empty() ? 0 : bar_start(score.grid, beat_of_step(first_step));
  const int beats = beat_of_step(last_step(score) - 1) + 1 - first_beat;
  FileBeats out{.first_beat = first_beat, .ticks = {}, .tempos = {}};
  for (int i = 0; i <= std::max(1, beats); ++i) out.ticks.push_back(static_cast<std::int64_t>(i) * kTicksPerQuarter);
  const double per_minute = std::max(4.0, std::round(score.grid.tempo()));
  out.tempos.emplace_back(0, static_cast<std::uint32_t>(std::clamp(std::llround(60e6 / per_minute), 1LL, 0xFFFFFFLL)));
  return out;
}

void put_metre(const BeatGrid& grid, const FileBeats& beats, std::vector<MidiEvent>& events) {
  if (!grid.metres.empty()) {
    const std::vector<MidiEvent> metres = written_metres(grid, beats.first_beat, beats.ticks);
    events.insert(events.end(), metres.begin(), metres.end());
    return;
  }
  const int last_beat = beats.first_beat + static_cast<int>(beats.ticks.size()) - 1;
  std::int64_t current = 0;
  for (const Bar& bar : bars_between(grid, beats.first_beat, last_beat)) {
    const auto first = static_cast<std::size_t>(bar.first_beat - beats.first_beat);
    const auto last = std::min(first + static_cast<std::size_t>(bar.beats), beats.ticks.size() - 1);
    const auto missing = static_cast<std::int64_t>(first + static_cast<std::size_t>(bar.beats) - last);
    const std::int64_t quarters = (beats.ticks[last] - beats.ticks[first]) / kTicksPerQuarter + missing;
    const std::int64_t numerator = std::min<std::int64_t>(quarters, 255);
    if (numerator != current) events.push_back(midi_time_signature(beats.ticks[first], static_cast<int>(numerator), 2));
    current = numerator;
  }
}

/// Without a change of key, the score's one key.
void put_keys(const Score& score, const FileBeats& beats, std::vector<MidiEvent>& events) {
  if (score.keys.empty()) {
    if (score.key) events.push_back(midi_key_signature(0, score.key->fifths, score.key->minor));
    return;
  }
  for (std::size_t i = 0; i < score.keys.size(); ++i) {
    const auto beat = static_cast<std::ptrdiff_t>(score.keys[i].first_beat - beats.first_beat);
    if (beat >= std::ssize(beats.ticks)) break;
    const std::int64_t tick = i == 0 || beat < 0 ? 0 : beats.ticks[static_cast<std::size_t>(beat)];
    events.push_back(midi_key_signature(tick, score.keys[i].key.fifths, score.keys[i].key.minor));
  }
}

MidiTrack conductor_track(const Score& score, const FileBeats& beats) {
  MidiTrack track;
  if (!score.title.empty()) track.events.push_back(midi_text(0, midi_meta::kTrackName, score.title));
  put_keys(score, beats, track.events);
  put_metre(score.grid, beats, track.events);
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
void put_pedal(const std::vector<PedalSpan>& pedal, const FileBeats& beats, int channel,
               std::vector<MidiEvent>& events) {
  for (const PedalSpan& span : pedal) {
    const std::int64_t down = beats.tick_of(span.start + 1), up = beats.tick_of(span.end);
    if (down >= up) continue;
    events.push_back(midi_control(down, channel, kSustainController, 127));
    events.push_back(midi_control(up, channel, kSustainController, 0));
  }
}

MidiTrack hand_track(const Score& score, const FileBeats& beats, Hand hand, const std::vector<PedalSpan>& pedal,
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
    return fine ? fine_tick(score.grid, beats.first_beat, beats.ticks, step) : beats.tick_of(step);
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
  FileBeats beats = options.tempo == MidiTempo::song ? locked_beats(score) : constant_beats(score);
  if (!score.grid.lengths.empty()) {
    const auto fit = options.tempo == MidiTempo::song ? stretch_to_lengths : take_one_tempo;
    fit(score.grid, beats.first_beat, beats.ticks, beats.tempos);
  }
  MidiFile file;
  file.ticks_per_quarter = kTicksPerQuarter;
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
  const double quarter = file.ticks_per_quarter;
  double worst = 0.0, last = -1.0;
  for (const double time : grid.times) {
    if (time < -kSameInstant) continue;
    const double beat = std::round(map.tick_at(time) / quarter);
    if (beat <= last) return std::numeric_limits<double>::infinity();
    worst = std::max(worst, std::abs(map.seconds_at(beat * quarter) - time));
    last = beat;
  }
  return worst;
}

}  // namespace pop2piano
