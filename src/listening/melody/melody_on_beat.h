// SPDX-License-Identifier: MIT
// The melody in a mix on the music's clock: two channels of each semitone for every rhythmic step, one with the
// salience of all pitches, one with the melody that MELODIA hears. They stand beside the log-mel bands of the features
// `beat_synchronous` (docs/reference/model.md): a pitch is one place here, and a voice is what it is in renderings and
// records alike.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"
#include "listening/melody/melodia.h"

namespace pop2piano {

inline constexpr std::size_t kMelodyPitches = 64;                   ///< semitones from MIDI 33 (A1) on
inline constexpr std::size_t kMelodyChannels = 2 * kMelodyPitches;  ///< salience, then melody
inline constexpr int kLowestMelodyPitch = 33;                       ///< 55 Hz
inline constexpr int kMelodySampleRate = 22050;

/// What is heard of a melody in a whole sound, from which it is put on any steps.
class MelodyFrames {
 public:
  MelodyFrames(SaliencePeaks peaks, const MelodiaOptions& options);

  /// [steps, kMelodyChannels], as MelodyOnBeatExtractor::finish().
  [[nodiscard]] Matrix<float> on(std::span<const double> step_times) const;

 private:
  SaliencePeaks peaks_;
  PitchContour melody_;
  double frame_rate_;
};
/// `sound`: mono, kMelodySampleRate.
[[nodiscard]] MelodyFrames melody_frames(std::span<const float> sound, ThreadPool& pool);

/// Streaming: push() all samples (mono, kMelodySampleRate) in order, then finish().
class MelodyOnBeatExtractor {
 public:
  /// `step_times`: seconds, ascending. A step's frame is the mean over the time that is nearer to it than to another.
  MelodyOnBeatExtractor(std::vector<double> step_times, ThreadPool& pool);

  void push(std::span<const float> samples) { peaks_.push(samples); }
  /// [steps, kMelodyChannels], all in [0, 1]: salience relative to the moment's largest, squared; then the share of the
  /// time in which the melody has the pitch (where MELODIA calls it unvoiced: kUnvoicedShare of it). Call once.
  Matrix<float> finish();

 private:
  std::vector<double> step_times_;  // [steps]
  MelodiaOptions options_;
  SaliencePeakExtractor peaks_;
};

inline constexpr float kUnvoicedShare = 0.4F;

}  // namespace pop2piano
