// SPDX-License-Identifier: MIT
// How well MELODIA hears the melody, on each recording of a folder with a melody by hand, annotations/SONG.melody.tsv.
// (pYIN against another tracker: ctest -L peer.)
//   evaluate_melodia AUDIO_FOLDER
// The octave of such melodies is the singer's or the chart's: "overall, octave" moves the melody by the whole octaves
// that fit best before it compares.
#include <pop2piano/audio.h>
#include <pop2piano/error.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/core/thread_pool.h"
#include "judging/evaluate/annotation_files.h"
#include "judging/metrics/melody_metrics.h"
#include "listening/melody/melodia.h"

namespace pop2piano {
namespace {

struct SongWithMelody {
  std::filesystem::path sound, melody;
};

std::vector<SongWithMelody> songs_in(const std::filesystem::path& folder) {
  std::vector<SongWithMelody> songs;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto melody = folder / "annotations" / (entry.path().stem().string() + ".melody.tsv");
    if (entry.is_regular_file() && std::filesystem::exists(melody)) songs.push_back({entry.path(), melody});
  }
  std::sort(songs.begin(), songs.end(), [](const auto& a, const auto& b) { return a.sound < b.sound; });
  return songs;
}

double overall_in_best_octave(const PitchContour& melody, const PitchContour& heard) {
  double best = 0.0;
  for (int octave = -3; octave <= 3; ++octave) {
    PitchContour moved = melody;
    for (double& frequency : moved.frequencies) frequency = std::ldexp(frequency, octave);
    best = std::max(best, compare_melodies(moved, heard).overall.value());
  }
  return best;
}

void print_row(const std::string& name, std::span<const double> values) {
  fmt::print("{:<34}", name);
  for (const double value : values) fmt::print(" {:>9.3f}", value);
  fmt::print("\n");
}

void measure_melodia(const std::filesystem::path& folder) {
  ThreadPool pool;
  std::array<double, 6> sums{};
  std::size_t songs = 0;
  fmt::print("{:<34} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "MELODIA against the melody", "recall", "f. alarm",
             "pitch", "chroma", "overall", "o.,octave");
  for (const SongWithMelody& song : songs_in(folder)) {
    PitchContour heard = extract_melody(Recording::open(song.sound).read_all().samples, pool);
    for (double& frequency : heard.frequencies) frequency = std::max(0.0, frequency);  // no guesses where unvoiced
    const PitchContour truth = read_melody_file(song.melody).contour;
    const MelodyScores scores = compare_melodies(truth, heard);
    const std::array<double, 6> row = {scores.voicing_recall.value(), scores.voicing_false_alarm.value(),
                                       scores.raw_pitch.value(),      scores.raw_chroma.value(),
                                       scores.overall.value(),        overall_in_best_octave(truth, heard)};
    print_row(song.sound.stem().string(), row);
    for (std::size_t i = 0; i < row.size(); ++i) sums[i] += row[i];
    ++songs;
  }
  if (songs == 0) throw Error(ErrorCode::nothing_found, folder.string() + ": no song with annotations/*.melody.tsv");
  for (double& sum : sums) sum /= static_cast<double>(songs);
  print_row("mean", sums);
}

}  // namespace
}  // namespace pop2piano

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: evaluate_melodia AUDIO_FOLDER\n");
    return 2;
  }
  try {
    pop2piano::measure_melodia(argv[1]);
  } catch (const pop2piano::Error& error) {
    fmt::print(stderr, "evaluate_melodia: {}\n", error.what());
    return 1;
  }
  return 0;
}
