// SPDX-License-Identifier: MIT
#include "learning/records/pop909.h"

#include <pop2piano/error.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include <fmt/format.h>

#include "music/score/chord_label.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

struct Beat {
  double time = 0;
  bool starts_two = false, starts_four = false;  ///< downbeat if the song counts in 2 (3); if in 4 (6)
};

[[noreturn]] void malformed(const std::filesystem::path& file, std::size_t line, const char* expected) {
  throw Error(ErrorCode::malformed,
              fmt::format("{}: line {}: {} expected; unpack the corpus again", file.string(), line, expected));
}

void each_line(const std::filesystem::path& file, const std::function<void(std::istringstream&, std::size_t)>& use) {
  std::ifstream in(file);
  if (!in) throw Error(ErrorCode::not_found, file.string() + ": cannot be read; CORPUS must be POP909's song folder");
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line == "\r") continue;
    std::istringstream fields(line);
    use(fields, number);
  }
}

std::vector<Beat> read_beats(const std::filesystem::path& file) {
  std::vector<Beat> beats;
  each_line(file, [&](std::istringstream& fields, std::size_t line) {
    double time = 0, two = 0, four = 0;
    if (!(fields >> time >> two >> four)) malformed(file, line, "time and two downbeat flags");
    if (!std::isfinite(time) || (!beats.empty() && time <= beats.back().time)) malformed(file, line, "a later time");
    beats.push_back({time, two == 1.0, four == 1.0});
  });
  if (beats.size() < 2) malformed(file, beats.size(), "two beats at least");
  return beats;
}

// The most frequent number of beats from one marked beat to the next.
int usual_gap(const std::vector<Beat>& beats, bool Beat::*mark) {
  std::map<int, int> counts;
  int last = -1;
  for (int i = 0; i < static_cast<int>(beats.size()); ++i) {
    if (!(beats[static_cast<std::size_t>(i)].*mark)) continue;
    if (last >= 0) ++counts[i - last];
    last = i;
  }
  const auto most =
      std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? 0 : most->first;
}

// Songs whose short bars have three beats are in 3 (the other column then counts 6); all others are counted in 4.
BeatGrid make_grid(const std::vector<Beat>& beats) {
  BeatGrid grid;
  const bool triple = usual_gap(beats, &Beat::starts_two) == 3;
  const auto mark = triple ? &Beat::starts_two : &Beat::starts_four;
  grid.beats_per_bar = triple ? 3 : 4;
  const auto first = std::find_if(beats.begin(), beats.end(), [&](const Beat& beat) { return beat.*mark; });
  // Beats before the first downbeat count up to it.
  int number = grid.beats_per_bar - static_cast<int>(first - beats.begin()) % grid.beats_per_bar;
  for (const Beat& beat : beats) {
    number = beat.*mark ? 1 : number % grid.beats_per_bar + 1;
    grid.times.push_back(beat.time);
    grid.numbers.push_back(number);
  }
  return grid;
}

std::vector<SongChord> read_chords(const std::filesystem::path& file, const BeatGrid& grid) {
  std::vector<SongChord> chords;
  each_line(file, [&](std::istringstream& fields, std::size_t line) {
    double start = 0, end = 0;
    std::string label;
    if (!(fields >> start >> end >> label) || !(end >= start)) malformed(file, line, "start, end and a chord");
    const Chord chord = parse_chord(label, ChordExtensions::folded);
    const auto snapped = [&](double time) { return std::round(4.0 * grid.beat_at(time)) / 4.0; };
    SongChord span{.start = snapped(start), .end = snapped(end)};
    if (chord.root >= 0 && !chord.unknown) {
      span.root = chord.root;
      span.bass = (chord.root + std::max(0, chord.bass)) % 12;
      for (int i = 0; i < 12; ++i) {
        if (chord.intervals.test(static_cast<std::size_t>(i))) {
          span.pitch_classes = static_cast<std::uint16_t>(span.pitch_classes | 1U << ((chord.root + i) % 12));
        }
      }
    }
    if (span.end > span.start && (chords.empty() || span.start >= chords.back().end)) chords.push_back(span);
  });
  return chords;
}

void read_notes(const std::filesystem::path& file, SymbolicSong& song) {
  const MidiFile midi = read_midi_file(file);
  const std::map<std::string, std::vector<SymbolicNote>*> voices = {
      {"MELODY", &song.melody}, {"BRIDGE", &song.bridge}, {"PIANO", &song.piano}};
  for (const TimedNote& note : timed_notes(midi)) {
    const auto voice = voices.find(midi.tracks[note.track].name());
    if (voice == voices.end()) continue;
    voice->second->push_back(
        {song.grid.beat_at(note.onset), song.grid.beat_at(note.offset), note.pitch, note.velocity});
  }
  if (song.melody.empty() || song.piano.empty()) {
    throw Error(ErrorCode::malformed, file.string() + ": tracks MELODY and PIANO with notes expected");
  }
}

}  // namespace

std::vector<int> list_pop909(const std::filesystem::path& corpus) {
  if (!std::filesystem::is_directory(corpus)) throw Error(ErrorCode::not_found, corpus.string() + ": no such folder");
  std::vector<int> numbers;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    const std::string name = entry.path().filename().string();
    int number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size() && name.size() == 3) numbers.push_back(number);
  }
  if (numbers.empty()) {
    throw Error(ErrorCode::nothing_found, corpus.string() + ": no song folders 001, 002, ... found; give the folder " +
                                              "that POP909's archive unpacks to");
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

SymbolicSong read_pop909(const std::filesystem::path& corpus, int number) {
  const std::string name = fmt::format("{:03}", number);
  const std::filesystem::path folder = corpus / name;
  SymbolicSong song;
  song.name = "pop909/" + name;
  song.source = "POP909 (Wang et al. 2020), rendered";
  song.licence = "MIT";
  song.grid = make_grid(read_beats(folder / "beat_midi.txt"));
  song.chords = read_chords(folder / "chord_midi.txt", song.grid);
  read_notes(folder / (name + ".mid"), song);
  return song;
}

std::string_view pop909_split(int number) {
  if (number % 20 == 7) return "test";
  return number % 20 == 13 ? "validation" : "train";
}

}  // namespace pop2piano
