// SPDX-License-Identifier: MIT
// Spectral frames on the music's clock: one log-mel frame per rhythmic step, so that a frame's index is a metrical
// position (docs/reference/model.md, features `beat_synchronous`). Segmenting and batching belong to the caller.
#pragma once

#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "base/core/thread_pool.h"
#include "sound/dsp/mel.h"

namespace pop2piano {

struct BeatSynchronousOptions {
  MelOptions mel{};
  float log_floor = 1e-6F;  ///< least band energy
  float gain = 1.0F;        ///< factor on the samples; 0.7 / peak of the recording
};

/// Streaming: push() all samples in order, then finish(). Memory is the result plus about 12 s of sound.
class BeatSynchronousExtractor {
 public:
  /// `step_times`: seconds, ascending; a frame is centred on sample int(time * sample_rate), zeros outside the
  /// recording.
  BeatSynchronousExtractor(BeatSynchronousOptions options, std::vector<double> step_times, ThreadPool& pool);
  /// Through other filters; of `options.mel` the sample rate and the length of the transform count.
  BeatSynchronousExtractor(BeatSynchronousOptions options, Filterbank filterbank, std::vector<double> step_times,
                           ThreadPool& pool);

  void push(std::span<const float> samples);
  /// [steps, bands] raw log-mel; call once.
  Matrix<float> finish();

 private:
  void analyse_complete_frames(std::int64_t available);

  BeatSynchronousOptions options_;
  Filterbank filterbank_;
  std::vector<float> window_;         // [n_fft]
  std::vector<std::int64_t> starts_;  // [steps] first sample of each frame; may be negative
  ThreadPool& pool_;
  std::vector<float> buffer_;  // samples from buffer_start_ on
  std::int64_t buffer_start_ = 0;
  std::size_t next_step_ = 0;
  Matrix<float> frames_;
};

/// Band means of the song, smoothed over the bands by a Gaussian (cut at 4 sigma, edges repeated), are subtracted; the
/// rest is divided by `scale` and clamped below at `floor`.
struct SongNormalisation {
  float smoothing_bands = 6.0F;  ///< sigma, in bands; 0: no smoothing
  float scale = 5.0F;
  float floor = -3.0F;
};

/// In place on frames [steps, bands] of a whole song.
void normalise_song(Matrix<float>& frames, const SongNormalisation& options);

/// Times of all steps of beats [beats]: linear interpolation, `steps_per_beat` a beat, the last beat's own step
/// included: (beats - 1) * steps_per_beat + 1 values.
std::vector<double> step_times_of(std::span<const double> beat_times, int steps_per_beat);

}  // namespace pop2piano
