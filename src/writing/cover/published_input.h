// SPDX-License-Identifier: MIT
// Input of the published Pop2Piano: log-mel of four-beat segments padded to the longest, note-on/off tokens on 8ths
// (docs/reference/published_model.md).
#pragma once

#include "writing/cover/song_input.h"

namespace pop2piano {

class PublishedInput final : public SongInput {
 public:
  PublishedInput(const ModelConfig& config, const Analysis& analysis);

  [[nodiscard]] GenerateRequest request() const override;
  [[nodiscard]] std::vector<Note> notes(std::span<const SegmentTokens> segments) const override;
  [[nodiscard]] std::vector<double> first_beats() const override;

 private:
  void read_segment(std::size_t segment, std::span<float> rows) const;

  int segment_beats_;
  const Analysis& analysis_;
  int first_beat_;  // index into the grid of what is heard of the first beat that was found
};

}  // namespace pop2piano
