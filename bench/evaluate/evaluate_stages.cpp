// SPDX-License-Identifier: MIT
// Where the time of an evaluation goes: seconds of processor and of clock for each stage, median of some runs, then the
// whole as `pop2piano evaluate cover` does it, and the peak memory.
//   evaluate_stages SONG COVER.mid [RUNS] [THREADS]
#include <pop2piano/audio.h>
#include <pop2piano/error.h>
#include <pop2piano/evaluate.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>

#include "base/core/thread_pool.h"
#include "judging/evaluate/annotation_files.h"
#include "judging/metrics/cover_distance.h"
#include "judging/metrics/playability.h"
#include "judging/metrics/rhythm_metrics.h"
#include "listening/align/alignment.h"
#include "listening/align/analysis_sound.h"
#include "listening/harmony/chord_recognition.h"
#include "listening/harmony/hpcp.h"
#include "listening/melody/melodia.h"
#include "listening/melody/pyin.h"
#include "sound/dsp/onset_strength.h"

namespace pop2piano {
namespace {

class Stages {
 public:
  explicit Stages(int runs) : runs_(runs) {}

  void time(const char* name, const std::function<void()>& work) const {
    std::vector<double> wall, processor;
    for (int run = 0; run < runs_; ++run) {
      const auto start = std::chrono::steady_clock::now();
      const std::clock_t used = std::clock();
      work();
      wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      processor.push_back(static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC);
    }
    std::sort(wall.begin(), wall.end());
    std::sort(processor.begin(), processor.end());
    const std::size_t middle = wall.size() / 2;
    fmt::print("{:<24} {:8.3f} s  processor {:8.3f} s\n", name, wall[middle], processor[middle]);
  }

 private:
  int runs_;
};

void measure(const char* song_file, const char* cover_file, int runs, int threads) {
  ThreadPool pool(threads);
  const Stages stages(runs);
  std::vector<float> song, cover;
  stages.time("decode", [&] { song = Recording::open(song_file).read_all().samples; });
  const NoteFile notes = read_note_file(cover_file);
  stages.time("sound of the cover", [&] { cover = analysis_sound(notes.notes); });
  stages.time("melody (MELODIA)", [&] { (void)extract_melody(song, pool); });
  stages.time("voice (pYIN, 22 kHz)", [&] { (void)track_voice(song, pool); });
  double tuning = 0.0;
  stages.time("tuning", [&] { tuning = estimate_tuning(song, kAnalysisSampleRate); });
  Matrix<float> song_profiles, cover_profiles, song_qmax, cover_qmax;
  const HpcpOptions coarse{.frame_samples = 2048, .hop_samples = 1024, .tuning = tuning};
  stages.time("profiles, both", [&] {
    song_profiles = compute_hpcp(song, {.tuning = tuning}, pool);
    cover_profiles = compute_hpcp(cover, {}, pool);
    song_qmax = compute_hpcp(song, coarse, pool);
    cover_qmax = compute_hpcp(cover, coarse, pool);
  });
  stages.time("chords, both", [&] {
    (void)recognise_chords(song_profiles);
    (void)recognise_chords(cover_profiles);
  });
  stages.time("Qmax", [&] { (void)qmax_distance(song_qmax, cover_qmax, pool); });
  stages.time("alignment", [&] { (void)align(alignment_features(cover_profiles), alignment_features(song_profiles)); });
  stages.time("onsets, song", [&] {
    OnsetStrength strength;
    strength.push(song);
    strength.finish();
  });
  stages.time("playability", [&] { (void)measure_playability(notes.notes, notes.hands); });
  stages.time("rhythm", [&] {
    (void)rhythmic_grid_coherence(notes.notes);
    (void)interval_pattern_entropy(notes.notes);
  });
  const CoverQuery query{.cover = cover_file, .song = song_file};
  stages.time("all of evaluate cover", [&] { (void)evaluate_cover(query, {.threads = threads}); });
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{:.1f} s of song, {} notes, peak memory {} MiB\n", static_cast<double>(song.size()) / kAnalysisSampleRate,
             notes.notes.size(), usage.ru_maxrss / 1024);
}

}  // namespace
}  // namespace pop2piano

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: evaluate_stages SONG COVER.mid [RUNS] [THREADS]\n");
    return 2;
  }
  try {
    pop2piano::measure(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 7, argc > 4 ? std::atoi(argv[4]) : 2);
  } catch (const pop2piano::Error& error) {
    fmt::print(stderr, "evaluate_stages: {}\n", error.what());
    return 1;
  }
  return 0;
}
