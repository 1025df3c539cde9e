// SPDX-License-Identifier: MIT
// The song that covers are measured against: its features and its melody, found once for all its covers.
#pragma once

#include <pop2piano/evaluate.h>

#include <filesystem>
#include <functional>
#include <initializer_list>
#include <vector>

#include "base/core/thread_pool.h"
#include "judging/evaluate/annotation_files.h"
#include "listening/align/sound_features.h"
#include "listening/melody/pitch_salience.h"

namespace pop2piano {

/// Runs the tasks beside each other, as far as the pool has threads; an exception of one is rethrown.
void run_together(ThreadPool& pool, std::initializer_list<std::function<void()>> tasks);

/// Samples of a file at `rate`, mono; two hours at most.
std::vector<float> read_samples(const std::filesystem::path& file, const Monitor& monitor, int rate);

/// The song of one or more covers and its melody: the melody given, else pYIN on the vocals given, else MELODIA. Once
/// all steps are done they do nothing, so that the next cover of the song finds them done. After an exception they
/// start anew.
class ReferenceSong {
 public:
  /// Throws as the readers of the files do.
  void read(const CoverQuery& query, const Monitor& monitor);
  void find_onsets_and_tuning(ThreadPool& pool);
  void find_profiles(const CoverQuery& query, ThreadPool& pool, const Monitor& monitor);
  void find_chords();
  void find_melody();
  void finish();

  [[nodiscard]] const SoundFeatures& features() const { return extractor_.features(); }
  [[nodiscard]] const Melody& melody() const { return melody_; }

 private:
  SoundFeatureExtractor extractor_;
  Melody melody_;
  SaliencePeaks peaks_;  // of MELODIA, between two steps
  bool melody_is_given_ = false, done_ = false;
};

}  // namespace pop2piano
