// SPDX-License-Identifier: MIT
// Features of one sound that songs and piano parts are compared by: pitch class profiles, onsets, tuning, chords. Cut
// into steps, of which all but one run on one thread, so that those of two sounds can run beside each other.
#pragma once

#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"
#include "music/score/chord_label.h"

namespace pop2piano {

inline constexpr double kProfileRate = 50.0;  ///< frames per second of SoundFeatures::profiles

struct SoundFeatures {
  double seconds = 0.0;
  Matrix<float> profiles;       ///< [frames, 12] at kProfileRate
  Matrix<float> qmax_profiles;  ///< [frames, 12], 46 ms apart
  std::vector<float> onsets;    ///< [frames] onset strength at onset_rate
  double onset_rate = 1.0;      ///< frames per second
  Matrix<float> rises;          ///< [frames, 12] at kProfileRate, class_rises()
  std::vector<double> beats;    ///< seconds, ascending; fewer than two: not known
  std::vector<LabelledChord> chords;
};

/// Of one sound at kAnalysisSampleRate. Steps in the order below; each may be left out. Only those that take
/// a pool use more than one thread.
class SoundFeatureExtractor {
 public:
  void begin(std::vector<float> samples);
  void find_onsets();
  void find_tuning();  ///< semitones off 440 Hz; without this step 0, as sounds made from MIDI have
  void find_profiles(ThreadPool& pool);
  void find_rises(ThreadPool& pool);
  void find_chords();  ///< needs the profiles
  void forget_samples() { samples_ = {}; }

  [[nodiscard]] std::span<const float> samples() const { return samples_; }
  [[nodiscard]] const SoundFeatures& features() const { return features_; }

 private:
  std::vector<float> samples_;
  double tuning_ = 0.0;
  SoundFeatures features_;
};

}  // namespace pop2piano
