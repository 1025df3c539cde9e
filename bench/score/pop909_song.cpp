// SPDX-License-Identifier: MIT
#include "pop909_song.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

#include "music/score/clean_notes.h"
#include "music/score/key.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

BeatGrid read_beats(const std::filesystem::path& file) {
  BeatGrid grid;
  std::ifstream in(file);
  double time = 0, downbeat_in_two = 0, downbeat = 0;
  int number = 0;
  while (in >> time >> downbeat_in_two >> downbeat) {
    if (!grid.times.empty() && time <= grid.times.back()) continue;
    number = downbeat > 0 ? 1 : number + 1;
    grid.times.push_back(time);
    grid.numbers.push_back(number);
  }
  const auto first = std::find(grid.numbers.begin(), grid.numbers.end(), 1);
  int back = 4;  // beats before the first downbeat count towards it
  for (auto it = first; it != grid.numbers.begin();) *--it = std::max(1, back--);
  return grid;
}

}  // namespace

int pitch_class_of(const std::string& root) {
  static const std::map<char, int> kNaturals = {{'C', 0}, {'D', 2}, {'E', 4}, {'F', 5}, {'G', 7}, {'A', 9}, {'B', 11}};
  int value = kNaturals.at(root.at(0));
  for (std::size_t i = 1; i < root.size(); ++i) value += root[i] == '#' ? 1 : -1;
  return (value + 12) % 12;
}

Pop909Song read_pop909(const std::filesystem::path& folder) {
  Pop909Song song;
  song.number = folder.filename().string();
  song.score.title = "POP909 " + song.number;
  song.score.grid = read_beats(folder / "beat_midi.txt");
  const MidiFile file = read_midi_file(folder / (song.number + ".mid"));
  for (const TimedNote& note : timed_notes(file)) {
    const std::string track = file.tracks[note.track].name();
    const auto step = [&](double seconds) {
      return static_cast<int>(std::lround(song.score.grid.beat_at(seconds) * kStepsPerBeat));
    };
    const int onset = step(note.onset);
    song.score.notes.push_back({.onset = onset,
                                .duration = std::max(1, step(note.offset) - onset),
                                .pitch = note.pitch,
                                .velocity = note.velocity,
                                .voice = track == "MELODY" ? Voice::melody : Voice::accompaniment});
  }
  clean_notes(song.score.notes);
  std::ifstream keys(folder / "key_audio.txt");
  double start = 0, end = 0;
  std::string name;
  while (keys >> start >> end >> name) {
    const auto colon = name.find(':');
    const Key key = key_with_tonic(pitch_class_of(name.substr(0, colon)), name.substr(colon + 1) == "min");
    song.keys.push_back({start, end, key});
  }
  std::ifstream chords(folder / "chord_midi.txt");
  while (chords >> start >> end >> name) song.chords.push_back({start, end, name});
  return song;
}

}  // namespace pop2piano
