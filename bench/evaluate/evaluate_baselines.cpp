// SPDX-License-Identifier: MIT
// Three simple covers of a song, for a sense of scale: its melody alone, block chords, random notes in its key. They
// are measured like any cover: pop2piano evaluate set.
//   evaluate_baselines SONG MELODY|- FOLDER   ->  FOLDER/NAME.melody.mid, .chords.mid, .random.mid
// With - for the melody, MELODIA's.
#include <pop2piano/audio.h>
#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/core/random.h"
#include "base/core/thread_pool.h"
#include "judging/evaluate/annotation_files.h"
#include "judging/metrics/cover_melody.h"
#include "listening/harmony/chord_recognition.h"
#include "listening/harmony/hpcp.h"
#include "listening/melody/melodia.h"
#include "music/scorefiles/midi_file.h"

namespace pop2piano {
namespace {

using Notes = std::vector<PlayedNote>;

void write_notes(const std::filesystem::path& file, const Notes& notes) {
  MidiFile midi;
  midi.ticks_per_quarter = 500;  // at the default tempo of 120 a tick is a millisecond
  midi.tracks.resize(1);
  auto& events = midi.tracks[0].events;
  for (const PlayedNote& note : notes) {
    const int pitch = static_cast<int>(note.pitch);
    events.push_back(midi_note_on(std::lround(note.onset * 1000.0), 0, pitch, note.velocity));
    events.push_back(
        midi_note_off(std::max(std::lround(note.onset * 1000.0) + 1, std::lround(note.offset * 1000.0)), 0, pitch));
  }
  std::stable_sort(events.begin(), events.end(), [](const MidiEvent& a, const MidiEvent& b) {
    return a.tick != b.tick ? a.tick < b.tick : a.is_note_off() > b.is_note_off();
  });
  if (!events.empty()) midi.tracks[0].length = events.back().tick;
  write_midi_file(file, midi);
}

Notes melody_alone(Notes notes) {
  for (PlayedNote& note : notes) {
    while (note.pitch < 60.0) note.pitch += 12.0;
    while (note.pitch > 84.0) note.pitch -= 12.0;
    note.velocity = 80;
  }
  return notes;
}

// The chord every two seconds or when it changes, in close position around C4, with the root below.
Notes block_chords(const std::vector<LabelledChord>& chords) {
  Notes notes;
  for (const LabelledChord& chord : chords) {
    const Chord shape = parse_chord(chord.label);
    if (shape.root < 0) continue;
    for (double at = chord.start; at < chord.end - 0.1; at += 2.0) {
      const double end = std::min(chord.end, at + 2.0);
      notes.push_back({at, end, 36.0 + shape.root, 64});
      for (int interval = 0; interval < 12; ++interval) {
        if (shape.intervals[static_cast<std::size_t>(interval)]) {
          notes.push_back({at, end, 55.0 + (shape.root + interval + 5) % 12, 64});
        }
      }
    }
  }
  return notes;
}

// Krumhansl and Kessler's major profile (1982) finds the scale; minor keys share their relative's.
int major_scale_of(const Matrix<float>& profiles) {
  constexpr std::array<double, 12> kMajor = {6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
  std::array<double, 12> sums{};
  for (std::size_t k = 0; k < profiles.rows(); ++k) {
    for (std::size_t c = 0; c < 12; ++c) sums[c] += profiles(k, c);
  }
  int best = 0;
  double largest = -1.0;
  for (int tonic = 0; tonic < 12; ++tonic) {
    double product = 0.0;
    for (std::size_t c = 0; c < 12; ++c) product += kMajor[c] * sums[(c + static_cast<std::size_t>(tonic)) % 12];
    if (product > largest) largest = product, best = tonic;
  }
  return best;
}

// As dense as a human cover, in two registers.
Notes random_in_key(const Matrix<float>& profiles, double seconds) {
  constexpr std::array<int, 7> kScale = {0, 2, 4, 5, 7, 9, 11};
  const int tonic = major_scale_of(profiles);
  Random random(11);
  Notes notes;
  for (double at = 0.0; at < seconds; at += random.uniform(0.1, 0.4)) {
    for (std::size_t i = 0, count = 1 + random.index(3); i < count; ++i) {
      const double octave = 36.0 + 12.0 * static_cast<double>(random.index(4));
      notes.push_back({at, at + random.uniform(0.1, 0.8), octave + tonic + kScale[random.index(7)], 64});
    }
  }
  return notes;
}

void make(const std::filesystem::path& song, const std::filesystem::path& melody_file,
          const std::filesystem::path& folder) {
  ThreadPool pool;
  const std::vector<float> samples = Recording::open(song).read_all().samples;
  const double tuning = estimate_tuning(samples, kAnalysisSampleRate);
  const Matrix<float> profiles = compute_hpcp(samples, {.tuning = tuning}, pool);
  const std::string name = song.stem().string();
  const Notes melody =
      melody_file == "-" ? notes_of(extract_melody(samples, pool)) : read_melody_file(melody_file).notes;
  write_notes(folder / (name + ".melody.mid"), melody_alone(melody));
  write_notes(folder / (name + ".chords.mid"), block_chords(recognise_chords(profiles)));
  write_notes(folder / (name + ".random.mid"),
              random_in_key(profiles, static_cast<double>(samples.size()) / kAnalysisSampleRate));
}

}  // namespace
}  // namespace pop2piano

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: evaluate_baselines SONG MELODY|- FOLDER\n");
    return 2;
  }
  try {
    pop2piano::make(argv[1], argv[2], argv[3]);
  } catch (const pop2piano::Error& error) {
    fmt::print(stderr, "evaluate_baselines: {}\n", error.what());
    return 1;
  }
  return 0;
}
