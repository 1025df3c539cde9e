// SPDX-License-Identifier: MIT
// MIDI -> Score.
#include <pop2piano/error.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "music/arrange/difficulty.h"
#include "music/score/clean_notes.h"
#include "music/score/key_spans.h"
#include "music/score/quantise.h"
#include "music/scorefiles/import.h"

namespace pop2piano {
namespace {

constexpr double kMaxQuarters = 1'000'000;
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

BeatGrid quarter_grid(const MidiFile& file, double seconds_end, const std::string& what) {
  const bool musical = file.ticks_per_quarter > 0;
  const double ticks = musical ? file.ticks_per_quarter : file.ticks_per_second * kSmpteQuarter;
  const MidiTempoMap map(file);
  const double quarters = std::ceil(map.tick_at(seconds_end) / ticks) + 1.0;
  if (!(quarters <= kMaxQuarters)) throw Error(ErrorCode::unsupported, what + ": longer than a million quarter notes");
  BeatGrid grid;
  for (int i = 0; i <= std::max(1, static_cast<int>(quarters)); ++i) {
    const double time = map.seconds_at(i * ticks);
    grid.times.push_back(grid.times.empty() ? time : std::max(time, std::nextafter(grid.times.back(), 1e300)));
  }
  grid.numbers = beat_numbers(musical ? metres(file) : std::vector<Metre>{}, grid.times.size());
  grid.beats_per_bar = prevailing_metre(grid.numbers);
  return grid;
}

/// Key signatures by the beat that they come at. A lone C major is left out: it is often just a default.
std::vector<KeySpan> key_signatures(const MidiFile& file, const BeatGrid& grid, const TimeMap& time) {
  const MidiTempoMap map(file);
  std::map<std::int64_t, Key> found;  // by tick
  for (const MidiTrack& track : file.tracks) {
    for (const MidiEvent& event : track.events) {
      if (!event.is_meta(midi_meta::kKeySignature) || event.payload.size() < 2) continue;
      const int fifths = static_cast<signed char>(event.payload[0]);
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

}  // namespace

Imported score_from_midi(const MidiFile& file, const std::string& what, const ImportOptions& options) {
  std::vector<TimedNote> notes = timed_notes(file);
  const std::size_t all = notes.size();
  std::erase_if(notes, [](const TimedNote& note) { return note.is_percussion(); });
  if (notes.empty()) {
    throw Error(ErrorCode::nothing_found, what + ": expected notes, found " + (all > 0 ? "only percussion" : "none"));
  }
  double end = 0.0;
  for (const TimedNote& note : notes) end = std::max(end, note.offset);
  Imported imported;
  imported.warnings = file.warnings;
  Score& score = imported.score;
  score.grid = options.grid ? *options.grid : quarter_grid(file, end, what);
  score.grid.validate();
  score.keys = key_signatures(file, score.grid, options.grid ? options.time : TimeMap{});
  if (!file.tracks.empty()) score.title = file.tracks.front().name();
  std::vector<double> onsets;
  for (TimedNote& note : notes) {
    if (options.grid) {
      note.onset = options.time.at(note.onset);
      note.offset = options.time.at(note.offset);
    }
    onsets.push_back(score.grid.beat_at(note.onset));
  }
  const Quantiser quantiser(onsets);
  imported.deviation = quantiser.deviation();
  std::vector<std::string> names;
  for (const MidiTrack& track : file.tracks) names.push_back(lower_case(track.name()));
  for (std::size_t i = 0; i < notes.size(); ++i) {
    const std::string& name = names[notes[i].track];
    const int onset = quantiser.step(onsets[i]);
    const auto offset = static_cast<int>(std::lround(score.grid.beat_at(notes[i].offset) * kStepsPerBeat));
    score.notes.push_back({.onset = onset,
                           .duration = std::max(1, offset - onset),
                           .pitch = notes[i].pitch,
                           .velocity = notes[i].velocity,
                           .voice = names_melody(name) ? Voice::melody : Voice::accompaniment,
                           .hand = named_hand(name)});
  }
  validate_notes(score.notes);
  clean_notes(score.notes);
  mark_melody(score.notes);
  settle_keys(score);
  return imported;
}

}  // namespace pop2piano
