// SPDX-License-Identifier: MIT
// Input of our own models: normalised beat-synchronous frames, segments of whole beats with context, `voices` tokens.
#pragma once

#include <optional>

#include "base/core/matrix.h"
#include "writing/cover/song_input.h"
#include "writing/tokens/voices_song.h"

namespace pop2piano {

class BeatSynchronousInput final : public SongInput {
 public:
  /// Reads the recording once.
  BeatSynchronousInput(const ModelConfig& config, const Recording& recording, const BeatGrid& grid,
                       const CoverOptions& options, ThreadPool& pool, const Monitor& monitor);

  GenerateRequest request() override;
  [[nodiscard]] std::vector<Note> notes(std::span<const SegmentTokens> segments) const override;
  [[nodiscard]] std::vector<double> first_beats() const override;
  [[nodiscard]] bool tune_by_network() const override { return !tune_.empty(); }

  /// Fills rows [frames, inputs] of one segment: context before, the segment, context after; outside the song the
  /// floor, and no tune.
  void read_segment(std::size_t segment, std::span<float> rows) const;

 private:
  void listen(const Recording& recording, const std::vector<double>& step_times, const CoverOptions& options,
              ThreadPool& pool, const Monitor& monitor);

  FeatureSettings settings_;
  Matrix<float> bands_;             // [steps of the song, n_mels] normalised
  Matrix<float> melody_;            // [steps of the song, kMelodyChannels]; empty where nothing needs it
  Matrix<float> tune_;              // likewise: chances, if the tune network hears it
  std::optional<VoicesSong> song_;  // borrows melody_ and tune_
};

}  // namespace pop2piano
