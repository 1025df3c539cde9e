// SPDX-License-Identifier: MIT
#include "app/trainer/section_textures.h"

#include <pop2piano/error.h>
#include <pop2piano/score.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <span>

#include <fmt/format.h>

#include "learning/dataset/record_set.h"
#include "learning/records/piano_target.h"
#include "music/structure/song_sections.h"

namespace pop2piano::training::app {
namespace {

constexpr double kLeastBeats = 12.0, kLeastMelody = 0.2;                  // of a section; onsets of the melody a beat
constexpr std::array kLoudness = {-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5};  // borders, standard deviations
constexpr std::array kBeatSeconds = {0.45, 0.55, 0.65, 0.75, 0.85, 1.0};  // borders

/// The visits of one letter together, or a whole song.
struct Played {
  double beats = 0.0, notes = 0.0, velocity = 0.0, melody = 0.0;
  std::set<int> onsets;

  [[nodiscard]] double level() const { return 40.0 * std::log10(velocity / notes / 127.0); }  // dB
  /// Of kStyleNames: density 0 sparse to 2 dense, and whether there are chords.
  [[nodiscard]] int style() const {
    return style_of({.notes_per_beat = notes / beats, .notes_per_onset = notes / static_cast<double>(onsets.size())});
  }
  [[nodiscard]] std::size_t density() const { return static_cast<std::size_t>(style() - 1) / 2; }
  [[nodiscard]] bool chords() const { return style() % 2 == 0; }
  void add(const RecordNote& note) {
    if (note.voice == 0) {
      melody += 1.0;
      return;
    }
    notes += 1.0;
    velocity += note.velocity;
    onsets.insert(note.onset);
  }
};

/// Beats by density of the section, for each density of its song; and beats with chords.
struct Row {
  std::array<std::array<double, 3>, 3> beats{};
  double chords = 0.0, all = 0.0;
};

std::vector<Note> notes_of(const SongDescription& song) {
  std::vector<Note> notes;
  for (const RecordNote& note : song.notes) {
    notes.push_back({.onset = note.onset,
                     .duration = note.duration,
                     .pitch = static_cast<std::int16_t>(note.pitch),
                     .voice = note.voice == 0 ? Voice::melody : Voice::accompaniment});
  }
  sort_notes(notes);
  return notes;
}

std::vector<Played> letters_of(const SongDescription& song, const BeatGrid& grid) {
  const std::vector<Note> notes = notes_of(song);
  const std::vector<SongSection> sections = song_sections(notes, grid);
  std::map<int, Played> letters;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const int first = sections[i].first_beat;
    const int end = i + 1 < sections.size() ? sections[i + 1].first_beat : notes.back().onset / kStepsPerBeat + 1;
    if (end <= first) continue;
    Played& letter = letters[sections[i].letter];
    letter.beats += end - first;
    for (const RecordNote& note : song.notes) {
      if (note.onset >= first * kStepsPerBeat && note.onset < end * kStepsPerBeat) letter.add(note);
    }
  }
  std::vector<Played> played;
  for (auto& [name, letter] : letters) {
    if (letter.beats >= kLeastBeats && letter.onsets.size() > 8) played.push_back(std::move(letter));
  }
  return played;
}

Played together(const std::vector<Played>& letters) {
  Played song;
  for (const Played& letter : letters) {
    song.beats += letter.beats;
    song.notes += letter.notes;
    song.velocity += letter.velocity;
    song.onsets.insert(letter.onsets.begin(), letter.onsets.end());
  }
  return song;
}

class Tables {
 public:
  void add(const SongDescription& d) {
    const BeatGrid grid{
        .times = d.beat_times, .numbers = d.beat_numbers, .confidence = {}, .beats_per_bar = d.beats_per_bar};
    const std::vector<Played> letters = letters_of(d, grid);
    if (letters.size() < 2) return;
    ++songs_;
    const Played song = together(letters);
    count(by_beat_[place_of(grid.median_interval(), kBeatSeconds)], 0, song, 1.0);
    double mean = 0.0, variance = 0.0;
    for (const Played& letter : letters) mean += letter.beats / song.beats * letter.level();
    for (const Played& letter : letters) variance += letter.beats / song.beats * std::pow(letter.level() - mean, 2.0);
    for (const Played& letter : letters) {
      if (letter.melody / letter.beats < kLeastMelody) continue;
      const double deviation = (letter.level() - mean) / std::max(1e-9, std::sqrt(variance));
      count(by_loudness_[place_of(deviation, kLoudness)], song.density(), letter, letter.beats);
    }
  }

  [[nodiscard]] std::size_t songs() const { return songs_; }

  void print() const {
    fmt::print("{} songs\n\nsections by loudness; share that is sparse, flowing, dense\n", songs_);
    fmt::print("{:>22}  {:<18}{:<18}{:<18}{}\n", "standard deviations", "of sparse songs", "of flowing songs",
               "of dense songs", "with chords");
    for (std::size_t i = 0; i < by_loudness_.size(); ++i) {
      fmt::print("{:>22}", range(i, kLoudness));
      for (const auto& densities : by_loudness_[i].beats) fmt::print("  {}", shares(densities));
      fmt::print("  {:.2f}\n", by_loudness_[i].chords / by_loudness_[i].all);
    }
    fmt::print("\nsongs by seconds of a beat; share that is sparse, flowing, dense\n");
    for (std::size_t i = 0; i < by_beat_.size(); ++i) {
      fmt::print("{:>22}  {}  with chords {:.2f}\n", range(i, kBeatSeconds), shares(by_beat_[i].beats[0]),
                 by_beat_[i].chords / by_beat_[i].all);
    }
  }

 private:
  template <std::size_t N>
  static std::size_t place_of(double value, const std::array<double, N>& borders) {
    return static_cast<std::size_t>(std::upper_bound(borders.begin(), borders.end(), value) - borders.begin());
  }
  template <std::size_t N>
  static std::string range(std::size_t i, const std::array<double, N>& borders) {
    if (i == 0) return fmt::format("below {:.2f}", borders.front());
    if (i == N) return fmt::format("from {:.2f} on", borders.back());
    return fmt::format("{:.2f} to {:.2f}", borders[i - 1], borders[i]);
  }
  static std::string shares(const std::array<double, 3>& beats) {
    const double all = beats[0] + beats[1] + beats[2];
    return all > 0.0 ? fmt::format("{:.2f} {:.2f} {:.2f}  ", beats[0] / all, beats[1] / all, beats[2] / all)
                     : std::string("   -    -    -  ");
  }
  static void count(Row& row, std::size_t song_density, const Played& played, double weight) {
    row.beats[song_density][played.density()] += weight;
    row.all += weight;
    if (played.chords()) row.chords += weight;
  }

  std::size_t songs_ = 0;
  std::array<Row, kLoudness.size() + 1> by_loudness_{};
  std::array<Row, kBeatSeconds.size() + 1> by_beat_{};  // the song's density counts in beats[0]
};

}  // namespace

void print_section_textures(const std::vector<std::filesystem::path>& records, const std::string& split) {
  const RecordSet set = RecordSet::open(records);
  Tables tables;
  for (std::size_t i = 0; i < set.size(); ++i) {
    const SongView view = set.song(i);
    if (view.description.split == split && view.description.variant == 0) tables.add(view.description);
  }
  if (tables.songs() == 0) {
    throw Error(ErrorCode::nothing_found,
                fmt::format("{}: no song of the split \"{}\" has two sections; name other records or --split",
                            records.front().string(), split));
  }
  tables.print();
}

}  // namespace pop2piano::training::app
