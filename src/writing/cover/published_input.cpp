// SPDX-License-Identifier: MIT
#include "writing/cover/published_input.h"

#include <algorithm>
#include <cmath>

#include "writing/tokens/published.h"

namespace pop2piano {

PublishedInput::PublishedInput(const ModelConfig& config, const Analysis& analysis)
    : segment_beats_(config.features.segment_beats),
      analysis_(analysis),
      first_beat_(static_cast<int>(analysis.heard.first_found)) {}

GenerateRequest PublishedInput::request() const {
  GenerateRequest request;
  request.features.segments = analysis_.segment_frames.size() - 1;
  request.features.frames = static_cast<std::size_t>(analysis_.padded_frames);
  request.features.read = [this](std::size_t segment, std::span<float> rows) { read_segment(segment, rows); };
  return request;
}

void PublishedInput::read_segment(std::size_t segment, std::span<float> rows) const {
  const auto columns = static_cast<std::int64_t>(analysis_.bands.columns);
  const auto first = analysis_.bands.values.begin() + analysis_.segment_frames[segment] * columns;
  const auto last = analysis_.bands.values.begin() + analysis_.segment_frames[segment + 1] * columns;
  std::fill(std::copy(first, last, rows.begin()), rows.end(), analysis_.silence);
}

std::vector<Note> PublishedInput::notes(std::span<const SegmentTokens> segments) const {
  std::vector<std::vector<int>> tokens;
  for (const SegmentTokens& segment : segments) tokens.push_back(segment.tokens);
  std::vector<Note> notes = published_to_score(published_segments_to_notes(tokens));
  for (Note& note : notes) note.onset += first_beat_ * kStepsPerBeat;
  return notes;
}

std::vector<double> PublishedInput::first_beats() const {
  std::vector<double> beats;
  for (std::size_t s = 0; s + 1 < analysis_.segment_frames.size(); ++s) {
    beats.push_back(first_beat_ + static_cast<double>(s) * segment_beats_);
  }
  return beats;
}

}  // namespace pop2piano
