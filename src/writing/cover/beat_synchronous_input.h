// SPDX-License-Identifier: MIT
// Input of our own models: normalised beat-synchronous frames, segments of whole beats with context, `voices` tokens.
#pragma once

#include "writing/cover/song_input.h"
#include "writing/tokens/voices_song.h"

namespace pop2piano {

class BeatSynchronousInput final : public SongInput {
 public:
  BeatSynchronousInput(const ModelConfig& config, const Analysis& analysis, const WriteOptions& options);

  [[nodiscard]] GenerateRequest request() const override;
  [[nodiscard]] std::vector<Note> notes(std::span<const SegmentTokens> segments) const override;
  [[nodiscard]] std::vector<double> first_beats() const override;
  [[nodiscard]] bool melody_by_network() const override { return melody_by_network_; }

  /// Fills rows [frames, inputs] of one segment: context before, the segment, context after; outside the song the
  /// floor, and no melody.
  void read_segment(std::size_t segment, std::span<float> rows) const;

 private:
  FeatureSettings settings_;
  const Analysis& analysis_;
  bool melody_by_network_;
  VoicesSong song_;  // borrows the analysis' melody and melody
};

}  // namespace pop2piano
