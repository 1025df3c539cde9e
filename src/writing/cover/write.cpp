// SPDX-License-Identifier: MIT
// The second step: what the network writes, as a score that is in order.
#include <pop2piano/cover.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/core/stage_clock.h"
#include "music/score/clean_notes.h"
#include "music/score/key.h"
#include "writing/cover/song_input.h"
#include "writing/cover/sounding_notes.h"

namespace pop2piano {
namespace {

std::vector<float> probabilities(const std::vector<SegmentTokens>& segments) {
  std::vector<float> result;
  result.reserve(segments.size());
  for (const SegmentTokens& s : segments) result.push_back(static_cast<float>(std::exp(s.mean_log_probability)));
  return result;
}

std::vector<std::size_t> token_counts(const std::vector<SegmentTokens>& segments) {
  std::vector<std::size_t> result;
  result.reserve(segments.size());
  for (const SegmentTokens& s : segments) result.push_back(s.tokens.size());
  return result;
}

}  // namespace

void WriteOptions::validate() const {
  if (!(melody_weight >= 0 && melody_weight <= 10)) {
    throw Error(ErrorCode::invalid_argument,
                "the melody's weight must lie between 0 and 10, got " + std::to_string(melody_weight));
  }
  if (overlap_beats < 0 || overlap_beats > 4) {
    throw Error(ErrorCode::invalid_argument,
                "segments must overlap by 0 to 4 beats, got " + std::to_string(overlap_beats));
  }
}

Written write(const Analysis& analysis, const Model& model, const std::string& style, const WriteOptions& options,
              int threads, const Monitor& monitor) {
  options.validate();
  StageClock clock(analysis.stage_seconds);
  const auto input = make_song_input(model.config(), analysis, options);
  GenerateRequest request = input->request();
  request.style = model.style_index(style);
  const auto segments = generate(model, request, options.generation, threads, monitor);
  Written written{.score = {.title = analysis.source.title,
                            .style = style,
                            .grid = analysis.grid,
                            .key = {},
                            .notes = in_recording(input->notes(segments), analysis)},
                  .rhythm = analysis.rhythm,
                  .tuning = analysis.tuning,
                  .peak_db = analysis.peak_db,
                  .loudness_db = analysis.loudness_db,
                  .duration = analysis.source.duration(),
                  .melody_by_network = input->melody_by_network(),
                  .segment_first_beats = in_recording(input->first_beats(), analysis),
                  .confidence = probabilities(segments),
                  .segment_tokens = token_counts(segments),
                  .stage_seconds = {}};
  keep_where_it_sounds(written.score, analysis);
  clean_notes(written.score.notes);
  if (written.score.notes.empty()) {
    throw Error(ErrorCode::nothing_found,
                analysis.source.name + ": no notes: the network heard nothing to play in style '" + style + "'");
  }
  written.score.key = find_key(written.score.notes);
  clock.lap("generate");
  written.stage_seconds = clock.seconds();
  return written;
}

PianoScore arrange(const Written& written, PianoOptions options) {
  options.repeated_melody = RepeatedMelody::held;
  return arrange(written.score, options, written.loudness_db);
}

}  // namespace pop2piano
