// SPDX-License-Identifier: MIT
// The first stage of the pipeline: the beats of a recording, found or given, as the user's options want them.
#pragma once

#include <pop2piano/analysis.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"
#include "listening/analysis/heard_sound.h"

namespace pop2piano {

/// Throws Error(invalid_argument) for values that there are not.
void check_beat_options(const BeatOptions& options);

/// Of the sound's recording, in its seconds. Reports the stage "beats".
Rhythm find_beats(const HeardSound& sound, const BeatOptions& options, ThreadPool& pool, const Monitor& monitor);

/// Numbers every beat anew in bars of `beats_per_bar`, beat `downbeat` (1-based) being the first of one.
void renumber(BeatGrid& grid, int downbeat, int beats_per_bar);

/// 2: a beat in the middle of each two; 0.5: every second beat, the downbeats among them where the metre allows; 1.5
/// and 2/3: three beats in the place of two and the other way round, from the first downbeat on.
BeatGrid at_tempo_times(const BeatGrid& grid, double tempo_times);

/// RMS of a sound from each beat to the next: push() all samples in order, then loudness().
class BeatLoudness {
 public:
  BeatLoudness(const BeatGrid& grid, int sample_rate);
  void push(std::span<const float> samples);
  /// dB relative to a magnitude of 1, not below -120. [beats]
  [[nodiscard]] std::vector<float> loudness() const;

 private:
  std::vector<double> times_;         // [beats] seconds
  std::vector<double> power_;         // [beats] sum of squares
  std::vector<std::int64_t> counts_;  // [beats] samples
  int sample_rate_;
  std::int64_t at_ = 0;
  std::size_t beat_ = 0;
};

/// RMS of the recording from each beat of `grid` to the next, dB relative to its largest sample, not below -120.
/// [beats]
std::vector<float> loudness_per_beat(const Recording& recording, const BeatGrid& grid);

}  // namespace pop2piano
