// SPDX-License-Identifier: MIT
// Input of the published Pop2Piano: log-mel of four-beat segments padded to the longest, note-on/off tokens on 8ths
// (docs/reference/published_model.md).
#pragma once

#include "sound/dsp/mel.h"
#include "writing/cover/song_input.h"

namespace pop2piano {

/// Times of 8th notes, two a beat: N beats give 2N + 1 (one beat is added at the end at the last interval).
/// `more` further ones continue at the last interval. Seconds; at least two beats.
std::vector<double> published_step_times(std::span<const double> beat_times, std::size_t more = 0);

/// Sample borders of the segments, relative to the first step: [segments + 1], the last one where the sound is cut.
std::vector<std::int64_t> published_segment_borders(std::span<const double> step_times, int sample_rate,
                                                    std::size_t steps_per_segment);

class PublishedInput final : public SongInput {
 public:
  PublishedInput(const ModelConfig& config, const Recording& recording, const BeatGrid& grid, const BeatGrid& heard,
                 const Monitor& monitor);

  GenerateRequest request() override;
  [[nodiscard]] std::vector<Note> notes(std::span<const SegmentTokens> segments) const override;
  [[nodiscard]] std::vector<double> first_beats() const override;

 private:
  void read_segment(std::size_t segment, std::span<float> rows);

  FeatureSettings settings_;
  const Recording& recording_;
  const Monitor& monitor_;
  MelFilterbank filterbank_;
  int first_beat_ = 0;                 // index into the covering grid of the first beat heard
  std::int64_t origin_ = 0;            // sample of the first step
  std::vector<std::int64_t> borders_;  // [segments + 1] samples from origin_
  std::size_t padded_ = 0;             // samples of the longest segment
  std::unique_ptr<SampleStream> stream_;
  std::size_t next_segment_ = 0;  // the stream stands at its start
};

}  // namespace pop2piano
