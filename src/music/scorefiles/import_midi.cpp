// SPDX-License-Identifier: MIT
// MIDI -> Score.
#include <pop2piano/error.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "music/arrange/difficulty.h"
#include "music/score/clean_notes.h"
#include "music/score/compound.h"
#include "music/score/exact_rhythm.h"
#include "music/score/fine_beats.h"
#include "music/score/key_spans.h"
#include "music/score/metre.h"
#include "music/score/quantise.h"
#include "music/scorefiles/import.h"
#include "music/scorefiles/midi_swing.h"
#include "music/scorefiles/score_limits.h"
#include "music/scorefiles/score_midi.h"
#include "music/scorefiles/written_beats.h"

namespace pop2piano {
namespace {

constexpr int kMaxBeatsCounted = 64;   // of a bar
constexpr double kSmpteQuarter = 0.5;  // seconds; without musical time a quarter is taken at 120 per minute

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool names_melody(const std::string& name) {
  for (const char* word : {"melody", "vocal", "voice", "lead", "sing"}) {
    if (name.find(word) != std::string::npos) return true;
  }
  return false;
}

Hand named_hand(const std::string& name) {
  if (name.find("right") != std::string::npos) return Hand::right;
  return name.find("left") != std::string::npos ? Hand::left : Hand::unassigned;
}

struct Metre {
  double quarter = 0.0;   // where it begins
  double quarters = 4.0;  // of one bar
};

std::vector<Metre> metres(const MidiFile& file) {
  std::vector<Metre> found;
  for (const MidiTrack& track : file.tracks) {
    for (const MidiEvent& event : track.events) {
      if (!event.is_meta(midi_meta::kTimeSignature) || event.payload.size() < 2) continue;
      const int numerator = static_cast<unsigned char>(event.payload[0]);
      const int power = static_cast<unsigned char>(event.payload[1]);
      if (numerator == 0 || power > 6) continue;
      found.push_back({static_cast<double>(event.tick) / file.ticks_per_quarter, numerator * 4.0 / (1 << power)});
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Metre& a, const Metre& b) { return a.quarter < b.quarter; });
  return found;
}

/// Numbers of the quarters: 1 on the one nearest to each barline.
std::vector<int> beat_numbers(const std::vector<Metre>& changes, std::size_t count) {
  std::vector<int> numbers(count, 0);
  double barline = 0.0;
  double length = 4.0;
  std::size_t next = 0;
  while (barline < static_cast<double>(count)) {
    while (next < changes.size() && changes[next].quarter <= barline + 0.01) length = changes[next++].quarters;
    const auto quarter = static_cast<std::size_t>(std::lround(barline));
    if (quarter < count) numbers[quarter] = 1;
    const double after = barline + std::max(length, 0.25);
    const bool cut = next < changes.size() && changes[next].quarter < after;  // a change within a bar ends it
    barline = cut ? changes[next].quarter : after;
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (numbers[i] != 1) numbers[i] = i == 0 ? 1 : numbers[i - 1] + 1;
  }
  return numbers;
}

int prevailing_metre(const std::vector<int>& numbers) {
  std::vector<int> lengths(kMaxBeatsCounted + 1, 0);
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    if (numbers[i] == 1) ++lengths[static_cast<std::size_t>(std::min(numbers[i - 1], kMaxBeatsCounted))];
  }
  const auto most = std::max_element(lengths.begin() + 1, lengths.end());
  return *most == 0 ? std::min(4, numbers.back()) : static_cast<int>(most - lengths.begin());
}

/// The first beat where a marker says that it lies within the first quarter. A lead-in of a moment, written as a
/// quarter that no music is as fast as, is no beat.
void settle_first_beat(const MidiFile& file, BeatGrid& grid) {
  constexpr double kMoment = 0.2;  // seconds
  const MidiTempoMap map(file);
  for (const MidiTrack& track : file.tracks) {
    for (const MidiEvent& event : track.events) {
      if (!event.is_meta(midi_meta::kMarker) || event.payload != kFirstBeatMarker) continue;
      const double time = map.seconds_at(static_cast<double>(event.tick));
      if (time > grid.times[0] && time < grid.times[1]) grid.times[0] = time;
    }
  }
  const double shortest = std::min(kMoment, 0.5 * grid.median_interval());
  std::ptrdiff_t moments = 0;
  const auto beats = std::ssize(grid.times);
  while (moments + 2 < beats &&
         grid.times[static_cast<std::size_t>(moments + 1)] - grid.times[static_cast<std::size_t>(moments)] < shortest)
    ++moments;
  grid.times.erase(grid.times.begin(), grid.times.begin() + moments);
  grid.numbers.erase(grid.numbers.begin(), grid.numbers.begin() + moments);
}

double ticks_per_quarter(const MidiFile& file) {
  return file.ticks_per_quarter > 0 ? file.ticks_per_quarter : file.ticks_per_second * kSmpteQuarter;
}

/// Names the note that makes the file too long, or the tempo.
void check_length(const MidiFile& file, const std::vector<TimedNote>& notes, const std::string& what) {
  check_note_count(notes.size(), what);
  const TimedNote& last = *std::max_element(notes.begin(), notes.end(),
                                            [](const auto& a, const auto& b) { return a.offset_tick < b.offset_tick; });
  const auto quarters = [&](std::int64_t tick) { return static_cast<double>(tick) / ticks_per_quarter(file); };
  if (const double end = quarters(last.offset_tick); end > kMostQuarters) {
    const std::string place = fmt::format(
        "{}: track {}, key {}: expected notes within {} quarters, found one from "
        "quarter {:.0f} to {:.0f}",
        what, last.track + 1, last.pitch, kMostQuarters, quarters(last.onset_tick), end);
    throw Error(ErrorCode::unsupported, place + "; correct its time, or split the file");
  }
  if (last.offset <= kMostScoreSeconds) return;
  const MidiTempoMap map(file);
  const auto segments = map.segments();
  const auto slowest = std::max_element(segments.begin(), segments.end(), [](const auto& a, const auto& b) {
    return a.seconds_per_tick < b.seconds_per_tick;
  });
  throw Error(
      ErrorCode::unsupported,
      fmt::format("{}: expected at most {:.0f} hours of music, found {:.0f}; its slowest tempo is {:.3g} quarters "
                  "a minute, from quarter {:.0f} on: correct it",
                  what, kMostScoreSeconds / 3600, last.offset / 3600,
                  60.0 / (slowest->seconds_per_tick * ticks_per_quarter(file)), quarters(slowest->tick)));
}

BeatGrid quarter_grid(const MidiFile& file, double seconds_end) {
  const bool musical = file.ticks_per_quarter > 0;
  const double ticks = ticks_per_quarter(file);
  const MidiTempoMap map(file);
  const double quarters = std::ceil(map.tick_at(seconds_end) / ticks) + 1.0;
  BeatGrid grid;
  for (int i = 0; i <= std::max(1, static_cast<int>(quarters)); ++i) {
    const double time = map.seconds_at(i * ticks);
    grid.times.push_back(grid.times.empty() ? time : std::max(time, std::nextafter(grid.times.back(), 1e300)));
  }
  grid.numbers = beat_numbers(musical ? metres(file) : std::vector<Metre>{}, grid.times.size());
  grid.beats_per_bar = prevailing_metre(grid.numbers);
  settle_first_beat(file, grid);
  return grid;
}

/// Key signatures by the beat that they come at. A lone C major is left out: it is often just a default.
std::vector<KeySpan> key_signatures(const MidiFile& file, const BeatGrid& grid, const TimeMap& time) {
  const MidiTempoMap map(file);
  std::map<std::int64_t, Key> found;  // by tick
  for (const MidiTrack& track : file.tracks) {
    for (const MidiEvent& event : track.events) {
      if (!event.is_meta(midi_meta::kKeySignature) || event.payload.size() < 2) continue;
      const auto byte = static_cast<unsigned char>(event.payload[0]);
      const int fifths = byte < 128 ? byte : byte - 256;
      if (std::abs(fifths) <= 7) found.try_emplace(event.tick, Key{fifths, event.payload[1] == 1});
    }
  }
  std::vector<KeySpan> keys;
  for (const auto& [tick, key] : found) {
    const double beat = grid.beat_at(time.at(map.seconds_at(static_cast<double>(tick))));
    if (keys.empty() || keys.back().key != key) keys.push_back({static_cast<int>(std::lround(beat)), key});
  }
  if (keys.size() == 1 && keys.front().key.fifths == 0) keys.clear();
  return keys;
}

/// Of a beat of the grid, on average where it is a recording's.
double ticks_of_beat(const MidiFile& file, const BeatGrid& grid) {
  if (!grid.lengths.empty()) return ticks_per_quarter(file) * usual_beat_length(grid) / kQuarterLength;
  const MidiTempoMap map(file);
  const double ticks = map.tick_at(grid.times.back()) - map.tick_at(grid.times.front());
  return ticks / static_cast<double>(grid.size() - 1);
}

/// Beats that an onset may lie beside its place by the rounding to ticks; 0: the file has no beats of its own.
double tick_tolerance(const MidiFile& file) {
  constexpr int kFine = 96;
  if (file.ticks_per_quarter <= 0) return 0.0;
  return (file.ticks_per_quarter < kFine ? 0.51 : 1.01) / file.ticks_per_quarter;
}

/// [notes] onsets and ends in beats -> the nearest places of a grid that fits the onsets. Returns their deviation.
double put_on_steps(Score& score, std::span<const double> onsets, std::span<const double> ends) {
  const bool dotted = usual_beat_length(score.grid) % 3 == 0;
  const Quantiser quantiser(onsets, {.beats = dotted ? BeatKind::dotted : BeatKind::plain});
  for (std::size_t i = 0; i < score.notes.size(); ++i) {
    Note& note = score.notes[i];
    note.onset = quantiser.step(onsets[i]);
    const int offset = score.written ? quantiser.step(ends[i]) : static_cast<int>(std::lround(ends[i] * kStepsPerBeat));
    note.duration = std::max(1, offset - note.onset);
  }
  return quantiser.deviation();
}

/// The same where the onsets are those of a score; ends go to the nearest place that the beat has.
void put_exactly(Score& score, std::span<const double> onsets, std::span<const double> ends) {
  if (score.grid.metres.empty()) {  // quarters reach beyond the last note
    const double end = std::ceil(*std::max_element(ends.begin(), ends.end()) - 1e-3);
    const auto beats = static_cast<std::size_t>(std::clamp(end + 1.0, 2.0, static_cast<double>(score.grid.size())));
    score.grid.times.resize(beats);
    score.grid.numbers.resize(beats);
  }
  const std::vector<int> starts = beat_starts(score.grid);
  const auto place_of = [&](double at) {
    const auto beat = static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(starts.size()) - 2.0));
    return starts[beat] + (at - static_cast<double>(beat)) * (starts[beat + 1] - starts[beat]);
  };
  std::vector<double> moments;
  for (const double onset : onsets) moments.push_back(place_of(onset));
  const FineGrid fine(score.grid, moments);
  for (std::size_t i = 0; i < score.notes.size(); ++i) {
    score.notes[i].onset = fine.step_at(moments[i]);
    score.notes[i].duration = std::max(1, fine.step_at(place_of(ends[i])) - score.notes[i].onset);
  }
  for (KeySpan& key : score.keys) {
    key.first_beat = static_cast<int>(std::lround(fine.beat_at(place_of(key.first_beat))));
  }
  score.grid = fine.grid();
  score.written = true;
}

/// [notes] onsets and ends in beats -> places of the score, straight where they swing. `of_recording`: the beats are
/// not the file's own. Returns the deviation of the onsets.
double place_notes(const MidiFile& file, bool of_recording, std::vector<double>& onsets, std::vector<double>& ends,
                   Score& score) {
  const bool own_beats = !of_recording && file.ticks_per_quarter > 0;
  score.swing = take_swing(file, ticks_of_beat(file, score.grid), own_beats, onsets, ends);
  const double stretch = score.swing.swings() ? 0.5 * (1.0 + score.swing.ratio) : 1.0;  // of the short halves
  const double tolerance = tick_tolerance(file) * stretch;
  const auto exact = of_recording || tolerance <= 0.0 ? std::nullopt : exact_onsets(onsets, tolerance);
  if (!exact) return put_on_steps(score, onsets, ends);
  put_exactly(score, *exact, ends);
  return 0.0;
}

}  // namespace

Imported score_from_midi(const MidiFile& file, const std::string& what, const ImportOptions& options) {
  std::vector<TimedNote> notes = timed_notes(file, options.pedal);
  const std::size_t all = notes.size();
  std::erase_if(notes, [](const TimedNote& note) { return note.is_percussion(); });
  if (notes.empty()) {
    std::string found = all > 0 ? "only percussion" : "none";
    for (const std::string& warning : file.warnings) found += "; " + warning;
    throw Error(ErrorCode::nothing_found, what + ": expected notes, found " + found);
  }
  check_length(file, notes, what);
  double end = 0.0;
  for (const TimedNote& note : notes) end = std::max(end, note.offset);
  Imported imported;
  imported.warnings = file.warnings;
  if (all > notes.size()) {
    imported.left_out.push_back({"percussion notes", all - notes.size(), "they have no pitch"});
  }
  Score& score = imported.score;
  std::optional<BeatGrid> written;
  if (!options.grid) written = beats_by_signatures(file, end, what);
  score.written = written.has_value();
  score.grid = options.grid ? *options.grid : written ? *written : quarter_grid(file, end);
  score.grid.validate();
  score.keys = key_signatures(file, score.grid, options.grid ? options.time : TimeMap{});
  if (!file.tracks.empty()) score.title = shown_text(file.tracks.front().name());
  std::vector<double> onsets;
  for (TimedNote& note : notes) {
    if (options.grid) {
      note.onset = options.time.at(note.onset);
      note.offset = options.time.at(note.offset);
    }
    onsets.push_back(score.grid.beat_at(note.onset));
  }
  std::vector<std::string> names;
  for (const MidiTrack& track : file.tracks) names.push_back(lower_case(track.name()));
  for (const TimedNote& note : notes) {
    const std::string& name = names[note.track];
    score.notes.push_back({.pitch = note.pitch,
                           .velocity = note.velocity,
                           .voice = names_melody(name) ? Voice::melody : Voice::accompaniment,
                           .hand = named_hand(name)});
  }
  std::vector<double> ends;
  ends.reserve(notes.size());
  for (const TimedNote& note : notes) ends.push_back(score.grid.beat_at(note.offset));
  imported.deviation = place_notes(file, options.grid.has_value(), onsets, ends, score);
  validate_notes(score.notes);
  clean_imported(imported);
  if (options.grid && has_dotted_beats(score.notes)) write_dotted_beats(score.grid);
  imported.names_melody =
      std::ranges::any_of(score.notes, [](const Note& note) { return note.voice == Voice::melody; });
  mark_melody(score.notes);
  settle_keys(score);
  return imported;
}

}  // namespace pop2piano
