// SPDX-License-Identifier: MIT
// What lies between a recording on its beats and the network: how the features of each segment are read, what may be
// written, and how the written tokens become notes. One implementation per kind of model.
#pragma once

#include <pop2piano/audio.h>
#include <pop2piano/cover.h>
#include <pop2piano/model.h>
#include <pop2piano/score.h>

#include <memory>
#include <span>
#include <vector>

#include "base/core/thread_pool.h"

namespace pop2piano {

/// Holds references to what make_song_input() was given; they must outlive it.
class SongInput {
 public:
  virtual ~SongInput() = default;
  /// For generate(); the style is left to the caller. The object must outlive the request. May be asked for again for
  /// another style.
  virtual GenerateRequest request() = 0;
  /// Notes of all segments [segments], onsets in steps from beat 0 of `grid`, as written: not yet cleaned, not sorted.
  [[nodiscard]] virtual std::vector<Note> notes(std::span<const SegmentTokens> segments) const = 0;
  /// [segments] beat of the grid from which on the segment's own notes begin, increasing.
  [[nodiscard]] virtual std::vector<double> first_beats() const = 0;
  /// As Cover says.
  [[nodiscard]] virtual bool tune_by_network() const { return false; }
};

/// `grid`: beats that cover the recording; `heard`: those that were found. Of the options only what guides the writing
/// counts. Reads the recording once and reports the stage "listen".
std::unique_ptr<SongInput> make_song_input(const ModelConfig& config, const Recording& recording, const BeatGrid& grid,
                                           const BeatGrid& heard, const CoverOptions& options, ThreadPool& pool,
                                           const Monitor& monitor);

}  // namespace pop2piano
