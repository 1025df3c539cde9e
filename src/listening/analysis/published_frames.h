// SPDX-License-Identifier: MIT
// Frames of features `mel`, as the published Pop2Piano reads them: log-mel of segments of whole beats, each padded to
// the longest (docs/reference/published_model.md). They are of the recording's own samples: not levelled, not retuned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/core/matrix.h"
#include "listening/analysis/frame_listener.h"
#include "sound/dsp/mel.h"

namespace pop2piano {

/// Times of 8th notes, two a beat: N beats give 2N + 1 (one beat is added at the end at the last interval).
/// `more` further ones continue at the last interval. Seconds; at least two beats.
std::vector<double> published_step_times(std::span<const double> beat_times, std::size_t more = 0);

/// Sample borders of the segments, relative to the first step: [segments + 1], the last one where the sound is cut.
std::vector<std::int64_t> published_segment_borders(std::span<const double> step_times, int sample_rate,
                                                    std::size_t steps_per_segment);

class PublishedFrames final : public FrameListener {
 public:
  /// `beat_times`: of the beats that were found, seconds of the sound; the first segment begins with the first of them.
  PublishedFrames(const FeatureSettings& settings, std::span<const double> beat_times, ThreadPool& pool);

  void push(std::span<const float> samples) override;
  void finish(Analysis& analysis) override;

 private:
  [[nodiscard]] std::size_t length(std::size_t segment) const;  // samples
  void take_segment();                                          // the next one, from the start of sound_
  void analyse_waiting();

  FeatureSettings settings_;
  ThreadPool& pool_;
  MelFilterbank filterbank_;
  std::vector<std::int64_t> borders_;  // [segments + 1] samples from the first step
  std::size_t to_skip_ = 0;            // samples before it that are still to come
  std::size_t padded_ = 0;             // samples of the longest segment
  std::vector<float> sound_;           // from the start of the segment next_ on
  std::size_t next_ = 0;
  std::vector<std::vector<float>> waiting_;  // [some segments][padded_]
  std::vector<float> silence_;               // [n_mels] a frame without sound
  Matrix<float> frames_;
  std::vector<std::int64_t> first_rows_{0};  // [segments done + 1]
};

}  // namespace pop2piano
