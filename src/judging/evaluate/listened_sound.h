// SPDX-License-Identifier: MIT
// What the measures hear of a song and of its cover. Cut into steps, some of one thread and some of all, so that the
// steps of one thread can run beside each other; and kept, so that the covers of one song hear it once.
#pragma once

#include <pop2piano/evaluate.h>

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"
#include "judging/evaluate/annotation_files.h"
#include "judging/metrics/chord_metrics.h"
#include "listening/melody/pitch_salience.h"

namespace pop2piano {

inline constexpr double kProfileRate = 50.0;  ///< frames per second of ListenedSound::profiles

struct ListenedSound {
  double seconds = 0.0;
  Matrix<float> profiles;       ///< [frames, 12] at kProfileRate
  Matrix<float> qmax_profiles;  ///< [frames, 12], 46 ms apart
  std::vector<float> onsets;    ///< [frames] at onset_rate
  double onset_rate = 1.0;
  std::vector<LabelledChord> chords;
};

/// Runs the tasks beside each other, as far as the pool has threads; an exception of one is rethrown.
void run_together(ThreadPool& pool, std::initializer_list<std::function<void()>> tasks);

/// Samples of a file at `rate`, mono; two hours at most.
std::vector<float> read_samples(const std::filesystem::path& file, const Monitor& monitor, int rate);

/// Listens to one sound. Steps in the order below; only find_profiles() uses more than one thread.
class SoundListener {
 public:
  void hear(std::vector<float> samples);
  void find_onsets();
  void find_tuning();  ///< semitones off 440 Hz; without this step 0, as sounds made from MIDI have
  void find_profiles(ThreadPool& pool);
  void find_chords();
  void forget_samples() { samples_ = {}; }

  [[nodiscard]] std::span<const float> samples() const { return samples_; }
  [[nodiscard]] const ListenedSound& heard() const { return heard_; }

 private:
  std::vector<float> samples_;
  double tuning_ = 0.0;
  ListenedSound heard_;
};

/// The song of one or more covers and its tune: the melody given, else pYIN on the vocals given, else MELODIA. Once all
/// steps are done they do nothing, so that the next cover of the song finds it heard. After an exception they start
/// anew.
class SongListener {
 public:
  /// Throws as the readers of the files do.
  void read(const CoverQuery& query, const Monitor& monitor);
  void find_onsets_and_tuning(ThreadPool& pool);
  void find_profiles(const CoverQuery& query, ThreadPool& pool, const Monitor& monitor);
  void find_chords();
  void find_tune();

  [[nodiscard]] const ListenedSound& heard() const { return listener_.heard(); }
  [[nodiscard]] const Melody& melody() const { return melody_; }
  void finish();

 private:
  SoundListener listener_;
  Melody melody_;
  SaliencePeaks peaks_;  // of MELODIA, between two steps
  bool tune_is_given_ = false, done_ = false;
};

}  // namespace pop2piano
