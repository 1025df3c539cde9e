// SPDX-License-Identifier: MIT
// Input of our own models: normalised beat-synchronous frames, segments of whole beats with context, `voices` tokens.
#pragma once

#include "core/matrix.h"
#include "cover/song_input.h"
#include "tokens/voices.h"

namespace pop2piano {

class BeatSynchronousInput final : public SongInput {
 public:
  BeatSynchronousInput(const ModelConfig& config, const Recording& recording, const BeatGrid& grid, ThreadPool& pool,
                       const Monitor& monitor);

  GenerateRequest request() override;
  [[nodiscard]] std::vector<Note> notes(std::span<const SegmentTokens> segments) const override;

  /// Fills rows [frames, inputs] of one segment: context before, the segment, context after; outside the song the
  /// floor, and no tune.
  void read_segment(std::size_t segment, std::span<float> rows) const;

 private:
  FeatureSettings settings_;
  VoicesCodec codec_;
  Matrix<float> frames_;  // [steps of the song, inputs] bands normalised
};

}  // namespace pop2piano
